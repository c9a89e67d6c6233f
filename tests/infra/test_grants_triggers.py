"""Grants are enough for what starts deployments by itself: hooks and schedules."""

from __future__ import annotations

from datetime import datetime

import pytest

from chalicelib.projects.actions import schedules
from functions.events import deploy_asked
from functions.schedules import due
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_hooks_and_schedules_may_do_what_they_do(
    made: Stacks,
    cloud: Cloud,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = f"/v1/projects/{cloud.project['id']}"
    commit = "a" * 40
    key = f"sources/{cloud.project['id']}/{commit}.tar.gz"
    cloud.services.store.objects[key] = b"tree"
    with cloud.calls.by("api"):
        hook = cloud.client.post(f"{path}/hooks", {"name": "h", "branch": "main"}).json()
        body = {"name": "s", "branch": "main", "cron": "0 3 * * *"}
        schedule = cloud.client.post(f"{path}/schedules", body).json()
        address = hook["url"][hook["url"].index("/v1/") :]
        assert cloud.client.with_token(None).post(address).status == 202
    later = int(datetime.fromisoformat(schedule["next_at"]).timestamp() * 1000)
    monkeypatch.setattr("chalicelib.projects.actions.schedules.clock.now_ms", lambda: later)
    with cloud.calls.by("due"):
        assert due.handler({}, None) == {"asked": 1}
    monkeypatch.undo()
    assert schedules.fire_due(later) == 0
    asked = [detail for kind, detail in cloud.services.bus.events if kind == "deploy.asked"]
    assert len(asked) == 2
    with cloud.calls.by("on-deploy-asked"):
        for detail in asked:
            assert deploy_asked.handler({"detail": detail}, None)["deployment"]
    there = roles(made)
    doing = {function for function, _, _ in cloud.calls.made}
    assert doing == {"api", "due", "on-deploy-asked"}
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    core = made.names.table_arn("core")
    assert not allowed(there["due"], "kms:Decrypt", "<data-key>")
    assert allowed(there["due"], "dynamodb:Query", f"{core}/index/gsi2")
