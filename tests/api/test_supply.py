"""From a source with a lock file to a signed statement, a gate that shuts, and `deck verify`."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import secrets
import tarfile
import zipfile
from typing import Any

import pytest

from chalicelib.builds import rows as build_rows
from chalicelib.core import clock
from chalicelib.deployments import rows
from chalicelib.ports import Signed
from chalicelib.supply.actions import exports, signing
from chalicelib.supply.actions.attest import attest, attestation_key, sbom_key
from cli.attestation import NotSigned, open_envelope, read_keys, tree_digest
from functions.events import osv_uploaded
from functions.pipeline import attest as function
from tests.fakes import line
from tests.fakes.client import Client
from tests.fakes.people import Person, person

LOCK = json.dumps(
    {
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": {"left": "^1.0.0"}},
            "node_modules/left": {"version": "1.0.0", "dependencies": {"right": "*"}},
            "node_modules/right": {"version": "2.0.0"},
        },
    }
)
SOURCE = {"package.json": "{}", "package-lock.json": LOCK}


def archive(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def advisory(name: str = "left", **more: Any) -> dict[str, Any]:
    return {
        "id": "GHSA-aaaa",
        "modified": clock.iso(),
        "aliases": ["CVE-2026-1"],
        "summary": "It breaks",
        "database_specific": {"severity": "HIGH"},
        "affected": [
            {
                "package": {"ecosystem": "npm", "name": name},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.1"}]}],
            }
        ],
        **more,
    }


def export(*records: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, record in enumerate(records):
            packed.writestr(f"{number}.json", json.dumps(record))
    return out.getvalue()


@pytest.fixture
def owner(api: Client, services: Any) -> Person:
    signing._remember.cache_clear()
    return person(api)


@pytest.fixture
def admin(owner: Person) -> Person:
    from chalicelib.identity import rows as identity_rows

    identity_rows.user_named(owner.id).update(actions=[identity_rows.UserRow.admin.set(True)])
    return owner


def project(owner: Person, **settings: Any) -> str:
    body = {"name": "site", "slug": f"s-{secrets.token_hex(4)}", "settings": settings}
    answer = owner.client.post("/v1/projects", body)
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def deploy(
    services: Any, owner: Person, of: str, source: dict[str, str] | None = None, **more: Any
) -> rows.Deployment:
    services.repositories.push(
        of, "main", secrets.token_hex(20), archive=archive(SOURCE if source is None else source)
    )
    answer = owner.client.post(f"/v1/projects/{of}/deployments", {"branch": "main"})
    assert answer.status == 201, answer.text
    line.carry(services, answer.json()["id"], **more)
    row = rows.get(answer.json()["id"])
    assert row is not None
    return row


def bring(services: Any, admin: Person, raw: bytes, smaller: bool = False) -> dict[str, Any]:
    """An export goes the whole way; the answer is how it fared."""
    body = {"size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    wanted = admin.client.post("/v1/admin/advisories", body).json()
    assert services.store.send(Signed(wanted["url"], wanted["headers"]), raw) == 200
    answer = admin.client.post(
        "/v1/admin/advisories/import", {"id": wanted["id"], "smaller": smaller}
    )
    assert answer.status == 202, answer.text
    for detail in services.bus.of("osv.uploaded"):
        osv_uploaded.handler({"detail": detail}, None)
    return dict(admin.client.get("/v1/admin/advisories").json()["last"])


def test_a_deployment_has_a_bill_a_statement_and_a_verdict(services: Any, owner: Person) -> None:
    row = deploy(services, owner, project(owner))
    assert row.state == "ready", row.error
    bill = owner.client.get(f"/v1/deployments/{row.id}/sbom").json()
    assert (bill["components"], bill["locks"], bill["gaps"]) == (2, ["package-lock.json"], [])
    status, raw = services.store.fetch(bill["url"])
    assert status == 200
    assert hashlib.sha256(raw).hexdigest() == bill["sha256"]
    document = json.loads(raw)
    assert {"ref": "pkg:npm/left@1.0.0", "dependsOn": ["pkg:npm/right@2.0.0"]} in document[
        "dependencies"
    ]
    found = owner.client.get(f"/v1/deployments/{row.id}/vulnerabilities").json()
    assert (found["vulnerable"], found["not_known"], found["unknown"]) == (0, 0, 2)
    keys = read_keys(Client().get("/v1/attestation-keys").text)
    envelope = owner.client.get(f"/v1/deployments/{row.id}/attestation").json()
    signed = open_envelope(envelope, keys)
    files = owner.client.get(f"/v1/deployments/{row.id}/files").json()["items"]
    assert tree_digest((f["path"], f["sha256"]) for f in files) == signed.tree
    assert signed.source["commit"] == row.commit
    materials = signed.predicate["buildDefinition"]["resolvedDependencies"]
    stored = services.store.objects[f"sources/{row.project}/{row.commit}.tar.gz"]
    assert {"gitCommit": row.commit} in [m["digest"] for m in materials]
    assert {"sha256": hashlib.sha256(stored).hexdigest()} in [m["digest"] for m in materials]
    (by,) = signed.predicate["runDetails"]["byproducts"]
    assert by["digest"]["sha256"] == bill["sha256"]


def test_what_is_signed_holds_no_variable(services: Any, owner: Person) -> None:
    of = project(owner)
    secret = f"s3cret-{secrets.token_hex(8)}"
    answer = owner.client.put(
        f"/v1/projects/{of}/env/API_TOKEN", {"value": secret, "environment": "all", "secret": True}
    )
    assert answer.status == 200, answer.text
    row = deploy(services, owner, of)
    envelope = json.loads(services.store.objects[attestation_key(row.id)])
    assert secret.encode() not in base64.b64decode(envelope["payload"])
    assert secret.encode() not in services.store.objects[sbom_key(row.id)]


def test_any_changed_byte_is_noticed(services: Any, owner: Person) -> None:
    row = deploy(services, owner, project(owner))
    keys = read_keys(Client().get("/v1/attestation-keys").text)
    envelope = json.loads(services.store.objects[attestation_key(row.id)])
    payload = base64.b64decode(envelope["payload"])
    for place in range(0, len(payload), 37):
        changed = bytearray(payload)
        changed[place] ^= 1
        forged = {**envelope, "payload": base64.b64encode(bytes(changed)).decode()}
        with pytest.raises(NotSigned) as why:
            open_envelope(forged, keys)
        assert why.value.code == "signature_invalid"


def test_running_twice_changes_nothing_that_counts(services: Any, owner: Person) -> None:
    def twice(services: Any, build: str, files: dict[str, bytes]) -> int:
        return line.runner(services, build, files)

    row = deploy(services, owner, project(owner), build=twice)
    before = services.store.objects[sbom_key(row.id)]
    row.update(actions=[rows.Deployment.state.set("packaging")])
    assert function.handler({"deployment": row.id}, None) == {"outcome": "ok"}
    assert services.store.objects[sbom_key(row.id)] == before
    row.update(actions=[rows.Deployment.state.set("ready")])
    assert attest(row.id) == {"outcome": "ready"}


def test_a_source_without_a_lock_file_is_no_fault(services: Any, owner: Person) -> None:
    row = deploy(services, owner, project(owner), {"index.html": "<p>"})
    assert row.state == "ready"
    bill = owner.client.get(f"/v1/deployments/{row.id}/sbom").json()
    assert bill["components"] == 0
    assert "no lock file" in bill["gaps"][0]


def test_a_lock_file_that_cannot_be_read_is_said(services: Any, owner: Person) -> None:
    row = deploy(services, owner, project(owner), {"package-lock.json": "{"})
    assert row.state == "ready"
    (gap,) = owner.client.get(f"/v1/deployments/{row.id}/sbom").json()["gaps"]
    assert gap.startswith("package-lock.json could not be read: it is not well formed")


def _told(owner: Person, row: Any) -> str:
    page = owner.client.get(f"/v1/deployments/{row.id}/logs").json()
    return "\n".join(line["text"] for line in page["lines"])


def test_a_gate_says_what_it_could_not_look_at(services: Any, owner: Person) -> None:
    shut = {"gate": {"vulnerabilities": "block", "severity": "low"}}
    row = deploy(services, owner, project(owner, **shut), {"index.html": "<p>"})
    assert row.state == "ready"
    assert "Not looked at: The source holds no lock file" in _told(owner, row)
    row = deploy(services, owner, project(owner), {"package-lock.json": "{"})
    assert "Not looked at: package-lock.json could not be read" in _told(owner, row)
    row = deploy(services, owner, project(owner), {"requirements.txt": "-r https://me:pw@x.org/y"})
    assert "Not looked at: requirements.txt: It includes something from an address" in _told(
        owner, row
    )
    assert "pw@" not in _told(owner, row)
    plain = deploy(services, owner, project(owner), {"index.html": "<p>"})
    assert "Not looked at" not in _told(owner, plain)  # nobody asked for a gate


def test_an_advisory_of_a_day_to_come_makes_no_copy_fresh(services: Any, admin: Person) -> None:
    bring(services, admin, export(advisory(modified="2020-01-01T00:00:00Z")))
    future = advisory("right", id="GHSA-9", modified="2199-01-01T00:00:00Z")
    old = advisory(modified="2020-01-01T00:00:00Z")
    bring(services, admin, export(old, future))
    found = admin.client.get("/v1/admin/advisories").json()["items"]
    npm = next(item for item in found if item["ecosystem"] == "npm")
    assert (npm["state"], npm["as_of"][:4]) == ("old", "2020")


def test_a_large_lock_file_is_read_from_the_archive(services: Any, owner: Person) -> None:
    packages = {f"node_modules/p{n}": {"version": "1.0.0"} for n in range(8_000)}
    text = json.dumps({"lockfileVersion": 3, "packages": packages})
    assert len(text) > 256 * 1024
    row = deploy(services, owner, project(owner), {"package-lock.json": text})
    assert owner.client.get(f"/v1/deployments/{row.id}/sbom").json()["components"] == 8_000


def test_a_store_out_of_reach_is_a_fault(
    services: Any, owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = deploy(services, owner, project(owner))
    row.update(actions=[rows.Deployment.state.set("packaging")])

    def broken(*_: Any, **__: Any) -> None:
        raise OSError("the store is away")

    monkeypatch.setattr(services.store, "put", broken)
    with pytest.raises(OSError, match="away"):
        attest(row.id)


def test_a_gate_that_blocks_stops_and_names_it(services: Any, admin: Person) -> None:
    assert bring(services, admin, export(advisory()))["state"] == "done"
    shut = project(admin, gate={"vulnerabilities": "block", "severity": "high"})
    row = deploy(services, admin, shut)
    assert row.state == "failed"
    assert row.error["code"] == "vulnerability_gate"
    for part in ("left 1.0.0", "GHSA-aaaa", "CVE-2026-1", "fixed in 1.0.1"):
        assert part in row.error["message"]
    assert attestation_key(row.id) not in services.store.objects
    assert not row.published


@pytest.mark.parametrize(
    "gate",
    [
        {},
        {"vulnerabilities": "warn"},
        {"vulnerabilities": "off"},
        {"vulnerabilities": "block", "severity": "critical"},
    ],
)
def test_other_gates_let_it_through(services: Any, admin: Person, gate: dict[str, str]) -> None:
    bring(services, admin, export(advisory()))
    row = deploy(services, admin, project(admin, **({"gate": gate} if gate else {})))
    assert row.state == "ready", row.error
    found = admin.client.get(f"/v1/deployments/{row.id}/vulnerabilities").json()
    assert (found["vulnerable"], found["not_known"], found["unknown"]) == (1, 1, 0)
    assert found["items"][0]["fixed"] == "1.0.1"
    lines = admin.client.get(f"/v1/deployments/{row.id}/logs?limit=1000").json()["lines"]
    said = [x["text"] for x in lines if "GHSA-aaaa" in x["text"]]
    assert bool(said) is (gate.get("vulnerabilities") != "off")


def test_what_becomes_known_later_is_shown_for_what_was_built_before(
    services: Any, admin: Person
) -> None:
    row = deploy(services, admin, project(admin))
    bring(services, admin, export(advisory("right", affected=advisory()["affected"])))
    found = admin.client.get(f"/v1/deployments/{row.id}/vulnerabilities").json()
    assert found["vulnerable"] == 1


def test_an_export_is_as_old_as_its_newest_advisory(services: Any, admin: Person) -> None:
    old = clock.iso(clock.now_ms() - 15 * 86_400_000)
    bring(services, admin, export(advisory("other", modified=old)))
    items = admin.client.get("/v1/admin/advisories").json()["items"]
    assert next(i for i in items if i["ecosystem"] == "npm")["state"] == "old"
    row = deploy(services, admin, project(admin))
    found = admin.client.get(f"/v1/deployments/{row.id}/vulnerabilities").json()
    assert (found["not_known"], found["unknown"]) == (0, 2)
    assert "15 days old" in found["reasons"][0]["why"]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"no zip", "not a zip"),
        (export({"id": 5}), "no advisory of OSV"),
        (export(advisory(modified="yesterday")), "no advisory of OSV"),
        (export(advisory(withdrawn="2026-01-01T00:00:00Z")), "no advisory about an ecosystem"),
    ],
)
def test_what_is_no_export_is_refused(services: Any, admin: Person, raw: bytes, why: str) -> None:
    last = bring(services, admin, raw)
    assert last["state"] == "refused"
    assert why in last["message"]
    assert not [key for key in services.store.objects if key.startswith("osv/incoming/")]


def test_an_export_that_was_cut_off_replaces_nothing(services: Any, admin: Person) -> None:
    full = [advisory(id=f"GHSA-{n}", database_specific={"severity": "LOW"}) for n in range(9)]
    assert bring(services, admin, export(*full))["state"] == "done"
    cut = export(*full[:4])
    assert "cut off" in bring(services, admin, cut)["message"]
    assert admin.client.get("/v1/admin/advisories").json()["items"][0]["advisories"] == 9
    assert bring(services, admin, cut, smaller=True)["state"] == "done"
    assert admin.client.get("/v1/admin/advisories").json()["items"][0]["advisories"] == 4
    generations = {key.split("/")[2] for key in services.store.objects if key.count("/") == 3}
    assert len(generations) == 2


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MAX_RECORD", 10_000)
    with pytest.raises(exports.ExportError, match="too large"):
        exports.read(export(advisory(details="a" * 20_000)))


def test_only_those_who_run_the_installation_bring_advisories(owner: Person) -> None:
    for method, path, body in (
        ("GET", "/v1/admin/advisories", None),
        ("POST", "/v1/admin/advisories", {"size": 1, "sha256": "0" * 64}),
        ("POST", "/v1/admin/advisories/import", {"id": "osv_" + "0" * 26}),
    ):
        assert owner.client.call(method, path, body).status == 403


def test_secrets_are_shown_by_place(services: Any, owner: Person) -> None:
    row = deploy(services, owner, project(owner))
    built = build_rows.get(str(row.build))
    assert built is not None
    findings = [{"path": "app.js", "line": 3, "kind": "variable", "value_of": "API_TOKEN"}]
    rows_report = {**dict(built.report), "findings": findings}
    built.update(actions=[build_rows.Build.report.set(rows_report)])
    found = owner.client.get(f"/v1/deployments/{row.id}/vulnerabilities").json()["secrets"]
    assert found == [{"path": "app.js", "line": 3, "kind": "variable", "variable": "API_TOKEN"}]


def test_advice_is_given(services: Any, owner: Person) -> None:
    files = {"index.html": b"x", "app.js.map": b"m" * 700_000, "copy.map": b"m" * 700_000}
    row = deploy(services, owner, project(owner), files=files)
    items = owner.client.get(f"/v1/deployments/{row.id}/advice").json()["items"]
    assert {"source_maps", "duplicates"} <= {item["kind"] for item in items}


def test_what_was_built_before_is_signed_for_with_where_it_was_taken_from(
    services: Any, owner: Person
) -> None:
    of = project(owner)
    first = deploy(services, owner, of)
    row = deploy(services, owner, of)
    assert (row.state, row.restored) == ("ready", first.id)
    envelope = owner.client.get(f"/v1/deployments/{row.id}/attestation").json()
    signed = open_envelope(envelope, read_keys(Client().get("/v1/attestation-keys").text))
    definition = signed.predicate["buildDefinition"]
    assert definition["internalParameters"]["restored"] == first.id
    assert definition["buildType"].endswith("/site/v1")
    files = owner.client.get(f"/v1/deployments/{row.id}/files").json()["items"]
    assert tree_digest((f["path"], f["sha256"]) for f in files) == signed.tree
    assert owner.client.get(f"/v1/deployments/{row.id}/sbom").json()["components"] == 2
    assert owner.client.get(f"/v1/deployments/{row.id}/advice").status == 200
