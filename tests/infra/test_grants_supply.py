"""Grants are enough to attest a deployment and to take in advisories, and for little else."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import pytest

from functions.events import osv_uploaded
from tests.api.test_supply import SOURCE, advisory, archive, export
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture


def story(cloud: Cloud) -> None:  # noqa: F811
    """Advisories are brought, a source with a lock file is deployed, and everything is asked."""
    raw = export(advisory())
    body = {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    with cloud.calls.by("api"):
        from chalicelib.supply.actions import exports, signing

        signing._remember.cache_clear()
        identifier, request = exports.begin(body["size"], body["sha256"])
        assert cloud.services.store.send(request, raw) == 200
        exports.ask(identifier, smaller=False)
    with cloud.calls.by("on-osv-uploaded"):
        event = {"detail": {"export": identifier}}
        assert osv_uploaded.handler(event, None) == {"outcome": "ok"}
    project, commit = cloud.project["id"], secrets.token_hex(20)
    cloud.services.repositories.push(project, "main", commit, archive=archive(SOURCE))
    deployment = cloud.deploy()
    with cloud.calls.by("api"):
        for what in ("sbom", "vulnerabilities", "attestation", "advice"):
            answer = cloud.client.get(f"/v1/deployments/{deployment}/{what}")
            assert answer.status == 200, answer.text
        assert cloud.client.get("/v1/attestation-keys").json()["keys"]
        assert exports.overview()["last"]["state"] == "done"


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_what_attests_may_do_what_it_does(made: Stacks, cloud: Cloud) -> None:  # noqa: F811
    story(cloud)
    there: dict[str, Any] = roles(made)
    doing = {function for function, _, _ in cloud.calls.made}
    assert {"api", "pipeline-attest", "on-osv-uploaded"} <= doing
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    asked = {call[:2] for call in cloud.calls.made}
    assert ("pipeline-attest", "kms:Sign") in asked
    assert ("pipeline-attest", "s3:PutObject") in asked
    assert {action for who, action in asked if who == "on-osv-uploaded"} <= {
        *("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket")
    }


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_what_reads_strangers_exports_may_nothing_else(made: Stacks) -> None:
    there = roles(made)
    table = made.names.table_arn("core")
    assert not allowed(there["on-osv-uploaded"], "dynamodb:GetItem", table)
    assert not allowed(there["on-osv-uploaded"], "kms:Sign", "<signing-key>")
    sources = made.names.bucket_arn("sources")
    assert allowed(there["on-osv-uploaded"], "s3:PutObject", f"{sources}/osv/npm.json")
    assert not allowed(there["on-osv-uploaded"], "s3:PutObject", f"{sources}/attestations/x.json")
    assert not allowed(there["pipeline-attest"], "s3:PutObject", f"{sources}/osv/npm.json")
    sites = made.names.bucket_arn("sites")
    assert not allowed(there["pipeline-attest"], "s3:PutObject", f"{sites}/manifests/x.json")
