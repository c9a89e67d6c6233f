"""From a lock file in a push to a verified site, with store, bus and keys as they run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.person import Person, Site

LOCK = {
    "lockfileVersion": 3,
    "packages": {
        "": {"dependencies": {"left": "1.0.0"}},
        "node_modules/left": {"version": "1.0.0"},
    },
}
FILES = {
    "clouddeck.toml": '[build]\nframework = "custom"\ninstall = ""\n'
    'command = "mkdir out && cp page.html out/index.html && cp page.html out/about.html"\n'
    'output = "out"\n',
    "page.html": "<h1>hello</h1>\n",
    "package-lock.json": json.dumps(LOCK),
}
ADVISORY = {
    "id": "GHSA-e2e",
    "modified": datetime.now(UTC).isoformat(),
    "summary": "It breaks",
    "database_specific": {"severity": "HIGH"},
    "affected": [
        {
            "package": {"ecosystem": "npm", "name": "left"},
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}]}],
        }
    ],
}


@pytest.fixture(scope="module")
def site(person: Person) -> Site:
    return person.site("supplied", FILES)


@pytest.fixture(scope="module")
def deployment(site: Site) -> Any:
    return site.publish()


def test_what_is_served_is_what_was_signed_for(site: Site, deployment: Any) -> None:
    found = site.deck("verify", deployment["id"], "--site")
    assert (found["ok"], found["files"], found["fetched"]) == (True, 2, 2)
    assert found["source"]["commit"] == deployment["commit"]


def test_a_changed_object_is_found(site: Site, deployment: Any) -> None:
    """Somebody with the bucket in their hands changes one byte of the signed statement."""
    key = f"attestations/{deployment['id']}.json"
    store, bucket = site.cloud.store(), "clouddeck-sources"
    raw = store.get_object(Bucket=bucket, Key=key)["Body"].read()
    at = raw.index(b'"payload":"') + 300
    changed = raw[:at] + (b"A" if raw[at : at + 1] != b"A" else b"B") + raw[at + 1 :]
    store.put_object(Bucket=bucket, Key=key, Body=changed)
    refused = site.deck("verify", deployment["id"], code=1)
    assert refused["error"]["code"] == "signature_invalid"
    store.put_object(Bucket=bucket, Key=key, Body=raw)
    assert site.deck("verify", deployment["id"])["ok"]


def test_advisories_are_brought_and_found(site: Site, person: Person, deployment: Any) -> None:
    bill = site.deck("sbom", deployment["id"])
    assert [c["purl"] for c in bill["components"]] == ["pkg:npm/left@1.0.0"]
    assert site.deck("vulnerabilities", deployment["id"])["unknown"] == 1
    folder = person.home / "advisories"
    folder.mkdir()
    (folder / "one.json").write_text(json.dumps(ADVISORY))
    assert person.deck(person.home, "admin", "osv", "import", str(folder))["state"] == "done"
    (found,) = site.deck("vulnerabilities", deployment["id"])["items"]
    assert (found["advisory"], found["fixed"]) == ("GHSA-e2e", "1.0.1")


def test_the_gate_shuts(site: Site) -> None:
    gate = {"vulnerabilities": "block", "severity": "high"}
    answer = site.api.ask("PATCH", f"/projects/{site.id}", {"settings": {"gate": gate}})
    assert answer.status == 200, answer.text
    commit = site.commit({"page.html": "<h1>again</h1>\n"})
    site.push()
    found = site.api.finished(site.api.of_commit(site.id, commit)["id"])
    assert found["state"] == "failed"
    assert found["error"]["code"] == "vulnerability_gate"
    assert site.shows("hello")
