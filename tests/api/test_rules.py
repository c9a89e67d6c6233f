"""Rules of a deployment: found where they stand, frozen with it, shown, and tried over HTTP."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import pytest

from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds.actions import loglines
from chalicelib.deployments import rows
from chalicelib.edge.rules.manifests import parse_manifest
from chalicelib.edge.rules.routing.codec import parse_routing
from chalicelib.routing.rules.keys import rules_key
from tests.api.test_restored import tree
from tests.fakes import line

CLOUDDECK = """\
[site]
not_found = "lost.html"

[[redirects]]
from = "/old/:page"
to = "/:page"
status = 308
when = { country = ["de"] }

[[rewrites]]
from = "/api/*"
to = "backend:api/:splat"
headers = { X-Api-Key = "hush-hush" }

[[auth]]
for = "/staff/*"
users = { ada = "correct horse" }

[[backends]]
name = "api"
health = "/healthz"
[[backends.origins]]
name = "eu"
url = "https://eu.example.com"
weight = 60
[[backends.origins]]
name = "us"
url = "https://us.example.com"
weight = 40
"""
REDIRECTS = "/from-the-output /index.html 302!\n/x /y 301 Role=admin\n"
HEADERS = "/*\n  X-Frame-Options: DENY\n"
OUTPUT = {
    "index.html": b"<h1>hello</h1>",
    "lost.html": b"lost",
    "_redirects": REDIRECTS.encode(),
    "_headers": HEADERS.encode(),
}


class Site:
    """A project of somebody, and what happens to its pushes."""

    def __init__(self, owner: Any, services: Any) -> None:
        self.owner, self.services = owner, services
        body = {"name": "site", "slug": f"site-{secrets.token_hex(4)}"}
        self.project = owner.client.post("/v1/projects", body).json()["id"]

    def deploy(self, source: dict[str, str], output: dict[str, bytes]) -> rows.Deployment:
        commit = secrets.token_hex(20)
        packed = tree({"package.json": "{}", **source})
        self.services.repositories.push(self.project, "main", commit, archive=packed)
        path = f"/v1/projects/{self.project}/deployments"
        made = self.owner.client.post(path, {"branch": "main"})
        assert made.status == 201, made.text
        line.carry(self.services, made.json()["id"], output)
        found = rows.get(made.json()["id"])
        assert found is not None
        return found

    def tried(self, row: rows.Deployment, url: str, **more: Any) -> dict[str, Any]:
        answer = self.owner.client.post(
            f"/v1/deployments/{row.id}/rules/test", {"url": url, **more}
        )
        assert answer.status == 200, answer.text
        return dict(answer.json())


@pytest.fixture
def site(owner: Any, services: Any) -> Site:
    return Site(owner, services)


def manifest(services: Any, row: rows.Deployment) -> dict[str, Any]:
    return dict(json.loads(services.store.objects[artifact_rules.manifest_key(row.id)]))


def test_rules_are_frozen_with_the_deployment(site: Site, services: Any) -> None:
    row = site.deploy({"clouddeck.toml": CLOUDDECK}, OUTPUT)
    assert row.state == "ready", row.error
    head = manifest(services, row)
    assert head["routing"] == row.routing
    raw = services.store.objects[rules_key(row.team, head["routing"])]
    routing = parse_routing(raw, head["routing"])
    assert [(rule.source, rule.line) for rule in routing.rules] == [
        ("clouddeck.toml", 4),
        ("clouddeck.toml", 10),
        ("_redirects", 1),
    ]
    assert row.looks == list(routing.looks) == ["authorization", "country"]
    assert routing.not_found == "lost.html"
    assert b"correct horse" not in raw
    parse_manifest(services.store.objects[artifact_rules.manifest_key(row.id)], row.id)


def test_files_with_rules_are_shown_to_nobody(site: Site, services: Any) -> None:
    row = site.deploy({}, {**OUTPUT, "vercel.json": b"not json", "docs/_redirects": b"x"})
    assert row.state == "ready", row.error
    assert set(manifest(services, row)["files"]) == {"index.html", "lost.html", "docs/_redirects"}
    assert row.files == 3


def test_what_was_left_out_stands_in_the_log(site: Site) -> None:
    row = site.deploy({}, OUTPUT)
    texts = [one["text"] for one in loglines.after(row.id, 0, 1000) if one["level"] == "warn"]
    assert texts == ["_redirects:2: /x: nobody has a role here."]


def test_a_site_without_rules_has_none(site: Site, services: Any) -> None:
    row = site.deploy({}, {"index.html": b"x"})
    assert (row.routing, row.looks) == (None, [])
    assert "routing" not in manifest(services, row)
    shown = site.owner.client.get(f"/v1/deployments/{row.id}/rules").json()
    assert (shown["total"], shown["rules"], shown["next"]) == (0, [], None)


@pytest.mark.parametrize(
    ("source", "output", "code", "said"),
    [
        ({"clouddeck.toml": "[[redirects]]\nfrom = 1"}, {}, "rules_invalid", "clouddeck.toml:1: "),
        ({}, {"_redirects": b"/a\n"}, "rules_invalid", "_redirects:1: there is no target"),
        ({}, {"_redirects": b"/a/* /b 200! Role=x"}, "rules_invalid", "nobody has a role"),
        ({}, {"_headers": b"X: y\n"}, "rules_invalid", "_headers:1: a header stands before"),
        ({}, {"_redirects": b"\xff\xfe"}, "rules_invalid", "or no text"),
        (
            {},
            {"_redirects": b"".join(b"/%d /x\n" % n for n in range(10_001))},
            "rules_too_large",
            "10001 rules",
        ),
    ],
)
def test_a_faulty_rule_ends_the_deployment(
    site: Site, source: dict[str, str], output: dict[str, bytes], code: str, said: str
) -> None:
    row = site.deploy(source, {"index.html": b"x", **output})
    assert row.state == "failed"
    assert row.error["code"] == code
    assert said in row.error["message"]
    assert row.error["fault"] == "you"
    assert row.error["hint"]
    assert not row.published


def test_what_takes_the_files_of_another_takes_its_rules(site: Site) -> None:
    first = site.deploy({"clouddeck.toml": CLOUDDECK}, OUTPUT)
    second = site.deploy({"clouddeck.toml": CLOUDDECK}, OUTPUT)
    assert second.restored == first.id
    assert (second.routing, second.looks) == (first.routing, first.looks)


def test_other_rules_are_another_deployment(site: Site) -> None:
    first = site.deploy({"clouddeck.toml": CLOUDDECK}, OUTPUT)
    second = site.deploy({"clouddeck.toml": CLOUDDECK.replace("308", "301")}, OUTPUT)
    assert second.restored is None
    assert second.routing != first.routing


def test_the_rules_of_a_deployment_are_shown_without_its_secrets(site: Site) -> None:
    row = site.deploy({"clouddeck.toml": CLOUDDECK}, OUTPUT)
    answer = site.owner.client.get(f"/v1/deployments/{row.id}/rules")
    assert "correct horse" not in answer.text
    assert "hush-hush" not in answer.text
    assert "pbkdf2" not in answer.text
    shown = answer.json()
    assert shown["total"] == 3
    assert shown["rules"][0] == {
        "source": "clouddeck.toml",
        "line": 4,
        "path": "/old/:page",
        "to": "/:page",
        "status": 308,
        "force": False,
        "keep_query": True,
        "when": {"country": ["DE"]},
        "adds": [],
    }
    assert shown["rules"][1]["adds"] == ["X-Api-Key"]
    assert shown["auth"][0]["users"] == ["ada"]
    assert [one["weight"] for one in shown["backends"][0]["origins"]] == [60, 40]


def test_a_request_can_be_tried(site: Site) -> None:
    row = site.deploy({"clouddeck.toml": CLOUDDECK}, OUTPUT)
    moved = site.tried(row, "/old/tides?a=1", country="de")
    assert (moved["verdict"], moved["status"], moved["location"]) == (
        "redirect",
        308,
        "/tides?a=1",
    )
    assert (moved["rule"]["source"], moved["rule"]["line"]) == ("clouddeck.toml", 4)
    assert moved["looked"] == ["country"]
    lost = site.tried(row, "/old/tides", country="fr")
    assert (lost["verdict"], lost["status"], lost["file"]) == ("file", 404, "lost.html")
    passed = site.tried(row, "https://example.com/api/v1")
    assert passed["verdict"] == "proxy"
    assert {one["url"] for one in passed["goals"]} == {
        "https://eu.example.com/v1",
        "https://us.example.com/v1",
    }
    page = site.tried(row, "/")
    assert (page["verdict"], page["file"], page["headers"]) == (
        "file",
        "index.html",
        [["X-Frame-Options", "DENY"]],
    )
    assert any(step["kind"] == "file" for step in page["trace"])
    assert site.tried(row, "/staff/list")["verdict"] == "refused"


def test_only_a_url_can_be_tried(site: Site) -> None:
    row = site.deploy({}, {"index.html": b"x"})
    for url in ("ftp://x/", "x", "http://[", "javascript:alert(1)"):
        answer = site.owner.client.post(f"/v1/deployments/{row.id}/rules/test", {"url": url})
        assert (answer.status, answer.json()["code"]) == (422, "invalid_url")


def test_what_was_never_published_answers_nothing(site: Site) -> None:
    row = site.deploy({}, {"index.html": b"x", "_redirects": b"/a\n"})
    answer = site.owner.client.post(f"/v1/deployments/{row.id}/rules/test", {"url": "/"})
    assert (answer.status, answer.json()["code"]) == (409, "not_published")


def test_files_can_be_checked_before_they_are_deployed(owner: Any) -> None:
    answer = owner.client.post(
        "/v1/rules/check",
        {"files": {"_redirects": REDIRECTS + "/broken\n", "clouddeck.toml": CLOUDDECK}},
    )
    assert answer.status == 200, answer.text
    told = answer.json()
    assert told["ok"] is False
    assert told["faults"] == [
        {
            "file": "_redirects",
            "line": 3,
            "message": "there is no target",
            "hint": "Write a path that begins with a slash, or an http(s) address.",
            "code": "rules_invalid",
        }
    ]
    assert [(note["file"], note["line"], note["verdict"]) for note in told["notes"]] == [
        ("_redirects", 2, "refused")
    ]
    assert owner.client.post("/v1/rules/check", {"files": {"x.toml": ""}}).status == 422


def test_many_rules_come_page_by_page(site: Site) -> None:
    text = "".join(f"/old-{number} /new-{number}\n" for number in range(2_500)).encode()
    row = site.deploy({}, {"index.html": b"x", "_redirects": text})
    path = f"/v1/deployments/{row.id}/rules"
    seen, after = [], 0
    while after is not None:
        page = site.owner.client.get(f"{path}?after={after}").json()
        seen += [rule["path"] for rule in page["rules"]]
        after = page["next"]
    assert seen == [f"/old-{number}" for number in range(2_500)]


def test_a_finished_output_brings_all_its_files(site: Site, services: Any) -> None:
    files = {**OUTPUT, "clouddeck.toml": CLOUDDECK.encode(), "vercel.json": b'{"cleanUrls":false}'}
    path = f"/v1/projects/{site.project}/uploads"
    body = {"kind": "output", "files": len(files), "bytes": 1}
    upload = site.owner.client.post(path, body).json()["id"]
    line.upload_list(services, upload, files)
    team = rows_team(site)
    for content in files.values():
        key = artifact_rules.blob_key(team, hashlib.sha256(content).hexdigest())
        services.store.objects[key] = content
    path = f"/v1/projects/{site.project}/deployments"
    made = site.owner.client.post(path, {"upload": upload, "production": True})
    assert made.status == 201, made.text
    line.carry(services, made.json()["id"])
    row = rows.get(made.json()["id"])
    assert row is not None
    assert row.state == "ready", row.error
    assert row.source == "prebuilt"
    assert set(manifest(services, row)["files"]) == {"index.html", "lost.html"}
    shown = site.owner.client.get(f"/v1/deployments/{row.id}/rules").json()
    assert (shown["total"], shown["clean_urls"], len(shown["headers"])) == (3, False, 1)


def rows_team(site: Site) -> str:
    return str(site.owner.client.get(f"/v1/projects/{site.project}").json()["team"])
