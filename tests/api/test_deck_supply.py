"""`deck verify`, `sbom`, `vulnerabilities`, `advice` and `admin osv`, on the real API."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from chalicelib.artifacts import rules as artifact_rules
from chalicelib.deployments.actions import show
from chalicelib.ports import Signed
from chalicelib.supply.actions.attest import attestation_key
from functions.events import osv_uploaded
from tests.api.test_deck_teams import deck
from tests.api.test_supply import admin, advisory, deploy, owner, project

__all__ = ["admin", "deck", "owner"]  # fixtures

FILES = {
    "index.html": b"<h1>hello</h1>",
    "about.html": b"<h1>about</h1>",
    "a b/\xc3\xbc.js".encode("latin-1").decode(): b"1",
}


@pytest.fixture
def edge(services: Any, monkeypatch: pytest.MonkeyPatch):
    """A store whose signed addresses can be reached, and sites that a visitor can ask for."""
    store, pages = services.store, dict(FILES)
    bus = services.bus

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if path.startswith("/store/"):
                self._say(200, store.objects[path.removeprefix("/store/")])
            elif path == "/site/about.html":
                self.send_response(308)
                self.send_header("Location", "/site/about")
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                name = path.removeprefix("/site/")
                body = pages.get(name, pages.get(f"{name}.html"))
                self._say(404 if body is None else 200, body or b"")

        def do_PUT(self) -> None:
            key = unquote(urlsplit(self.path).path).removeprefix("/store/")
            store.put(key, self.rfile.read(int(self.headers["Content-Length"])))
            self._say(200, b"")

        def _say(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(show, "url", lambda _: f"{base}/site")
    monkeypatch.setattr(store, "signed_get", lambda key, _: f"{base}/store/{key}")
    monkeypatch.setattr(store, "signed_put", lambda key, _, **__: Signed(f"{base}/store/{key}", {}))
    put = bus.put

    def heard(kind: str, detail: dict[str, Any]) -> None:
        put(kind, detail)
        if kind == "osv.uploaded":
            osv_uploaded.handler({"detail": detail}, None)

    monkeypatch.setattr(bus, "put", heard)
    yield pages
    server.shutdown()
    server.server_close()


@pytest.fixture
def row(services: Any, owner: Any, edge: Any):
    found = deploy(services, owner, project(owner), files=FILES)
    assert found.state == "ready", found.error
    return found


def test_a_deployment_verifies(deck, owner, row):
    told = deck(owner, "verify", row.id, "--json").json
    assert (told["ok"], told["files"], told["fetched"]) == (True, 3, 0)
    assert told["source"]["commit"] == row.commit
    assert (told["trusted"], told["address"]) == ("installation", None)
    said = deck(owner, "verify", row.id)
    assert "is what was signed for: 3 files\n" in said.stdout
    assert "believes the installation" in said.stderr


def test_the_site_is_compared_file_by_file(deck, owner, row, edge):
    told = deck(owner, "verify", row.id, "--site", "--json").json
    assert told["fetched"] == 3
    assert told["address"] in deck(owner, "verify", row.id, "--site").stdout
    for name, content in FILES.items():
        edge[name] = content[:-1] + b"?"
        said = deck(owner, "verify", row.id, "--site", code=1).stderr
        assert "serves 1 files that are not the ones signed for" in said
        assert name in said
        edge[name] = content
    edge.pop("about.html")
    assert "about.html" in deck(owner, "verify", row.id, "--site", code=1).stderr


def test_a_list_of_files_that_was_changed_is_noticed(deck, services, owner, row):
    from chalicelib.artifacts import actions

    key = artifact_rules.manifest_key(row.id)
    changed = json.loads(services.store.objects[key])
    changed["files"]["index.html"]["h"] = "0" * 64
    services.store.objects[key] = json.dumps(changed).encode()
    actions._published.cache_clear()
    assert "are not the ones signed for" in deck(owner, "verify", row.id, code=1).stderr
    actions._published.cache_clear()


def test_the_statement_of_another_deployment_is_refused(deck, services, owner, row):
    other = deploy(services, owner, row.project, files=FILES)
    assert other.state == "ready", (other.state, other.error)
    objects = services.store.objects
    objects[attestation_key(row.id)] = objects[attestation_key(other.id)]
    assert other.id in deck(owner, "verify", row.id, code=1).stderr


def test_a_pinned_key_is_the_only_one_that_counts(deck, owner, row, tmp_path):
    from tests.unit.supply.test_signed import pem

    (tmp_path / "strange.pem").write_text(pem())
    said = deck(owner, "verify", row.id, "--key", "strange.pem", code=1).stderr
    assert "signature" in said
    (tmp_path / "no.pem").write_text("nothing")
    deck(owner, "verify", row.id, "--key", "no.pem", code=2)
    deck(owner, "verify", row.id, "--key", "absent.pem", code=2)


def test_all_of_it_can_be_done_without_asking(deck, owner, row, tmp_path, monkeypatch):
    (tmp_path / "k.jwks").write_text(owner.client.get("/v1/attestation-keys").text)
    (tmp_path / "a.json").write_text(owner.client.get(f"/v1/deployments/{row.id}/attestation").text)
    for name, content in FILES.items():
        file = tmp_path / "dist" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    monkeypatch.setenv("CLOUDDECK_API", "http://127.0.0.1:9")  # where nobody listens
    offline = ["verify", row.id, "--key", "k.jwks", "--attestation", "a.json", "--folder", "dist"]
    told = deck(owner, *offline, "--json").json
    assert (told["files"], told["trusted"]) == (3, "key")
    assert "believes" not in deck(owner, *offline).stderr
    (tmp_path / "dist" / "index.html").write_bytes(b"<h1>hellO</h1>")
    assert "are not the ones signed for" in deck(owner, *offline, code=1).stderr


def test_the_bill_of_materials_is_written(deck, owner, row, tmp_path):
    document = deck(owner, "sbom", row.id, "--json").json
    assert document["bomFormat"] == "CycloneDX"
    deck(owner, "sbom", row.id, "-o", "bom.json")
    assert json.loads((tmp_path / "bom.json").read_text()) == document


def test_advisories_are_brought_and_asked(deck, admin, services, row, tmp_path):
    folder = tmp_path / "osv" / "npm"
    folder.mkdir(parents=True)
    (folder / "one.json").write_text(json.dumps(advisory()))
    said = deck(admin, "vulnerabilities", row.id)
    assert "0 packages with known vulnerabilities, 0 without, 2 unknown" in said.stdout
    assert "no copy" in said.stderr
    assert "npm" in deck(admin, "admin", "osv", "import", "osv").stdout
    found = deck(admin, "admin", "osv", "status", "--json").json["items"][0]
    assert (found["ecosystem"], found["state"], found["advisories"]) == ("npm", "fresh", 1)
    said = deck(admin, "vulnerabilities", row.id).stdout
    assert "GHSA-aaaa" in said
    assert "1.0.1" in said
    assert "1 packages with known vulnerabilities, 1 without, 0 unknown" in said
    (tmp_path / "all.zip").write_bytes(b"no zip")
    assert "not a zip" in deck(admin, "admin", "osv", "import", "all.zip", code=1).stderr
    deck(admin, "admin", "osv", "import", "nowhere", code=2)


def test_advice_is_shown(deck, services, owner, edge):
    files = {"index.html": b"x", "a.js.map": b"m" * 700_000}
    row = deploy(services, owner, project(owner), files=files)
    said = deck(owner, "advice", row.id).stdout
    assert "Do not publish source maps" in said
    assert "700.0 KB" in said
