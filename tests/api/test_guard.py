"""What a site refuses, what caches forget, how backends are: over HTTP, with who may."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chalicelib.deployments.actions import changes, sites
from chalicelib.edge.rules import guard as edge
from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.model import Backend, Origin, Routing
from chalicelib.projects import rows
from chalicelib.protection.actions import health
from chalicelib.protection.rows.health import health as health_row
from tests.fakes.people import Person, member

RATE = {"name": "login", "path": "/login", "key": "ip", "window": 60, "limit": 10}


@pytest.fixture
def project(owner: Person) -> dict[str, Any]:
    made = owner.client.post("/v1/projects", {"name": "Guide", "slug": "guide"})
    assert made.status == 201
    return dict(made.json())


def _put(owner: Person, project: dict[str, Any], body: dict[str, Any], **more: Any) -> Any:
    return owner.client.call("PUT", f"/v1/projects/{project['id']}/guard", body, **more)


def test_a_guard_reaches_the_edge_complete_and_in_one_form(
    owner: Person, project: dict[str, Any], services: Any
) -> None:
    empty = owner.client.get(f"/v1/projects/{project['id']}/guard").json()
    assert empty["under_attack"] is False
    assert empty["rates"] == []
    answer = _put(
        owner,
        project,
        {
            "addresses": {"deny": ["203.0.113.9/24", "198.51.100.1", "203.0.113.0/24"]},
            "countries": {"deny": ["FR", "DE", "FR"]},
            "rates": [RATE],
        },
    )
    assert answer.status == 200, answer.json()
    shown = answer.json()
    assert shown["addresses"]["deny"] == ["198.51.100.1/32", "203.0.113.0/24"]
    assert shown["countries"]["deny"] == ["DE", "FR"]
    assert ("route.changed", {"version": 1, "project": project["id"]}) in [
        (kind, detail) for kind, detail in services.bus.events
    ]
    changes.tell(project["id"])
    route = services.edge.routes["guide"]
    assert route.revision == shown["version"]
    found = edge.read(route.guard)
    assert found.never == {"DE", "FR"}
    assert found.rates[0].limit == 10
    assert owner.client.get(f"/v1/projects/{project['id']}/guard").json() == shown
    _put(owner, project, {})
    changes.tell(project["id"])
    assert services.edge.routes["guide"].guard == ""


def test_what_the_edge_cannot_do_is_refused(
    owner: Person, project: dict[str, Any], services: Any
) -> None:
    services.edge.cannot = "This installation has no firewall."
    answer = _put(owner, project, {"under_attack": True})
    problem = answer.json()
    assert (answer.status, problem["code"]) == (422, "guard_not_possible")
    assert "no firewall" in problem["detail"]
    assert _put(owner, project, {}).status == 200, "a guard can always be taken away"


def test_two_people_do_not_overwrite_each_other(owner: Person, project: dict[str, Any]) -> None:
    version = owner.client.get(f"/v1/projects/{project['id']}/guard").json()["version"]
    headers = {"If-Match": f'"{version}"'}
    assert _put(owner, project, {"under_attack": True}, headers=headers).status == 200
    late = _put(owner, project, {"under_attack": False}, headers=headers)
    assert (late.status, late.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"addresses": {"deny": ["300.1.1.1"]}}, "/addresses/deny/0"),
        ({"addresses": {"allow": ["0.0.0.0/0"]}}, "/addresses/allow/0"),
        ({"countries": {"allow": ["de"]}}, "/countries/allow/0"),
        ({"countries": {"allow": ["DE"], "deny": ["FR"]}}, "/countries"),
        ({"bots": {"agents": [{"contains": " ", "action": "block"}]}}, "/bots/agents/0/contains"),
        (
            {"bots": {"agents": [{"contains": "a\nb", "action": "block"}]}},
            "/bots/agents/0/contains",
        ),
        ({"rates": [RATE, RATE]}, "/rates/1/name"),
        ({"rates": [RATE | {"window": 61}]}, "/rates/0/window"),
        ({"rates": [RATE | {"limit": 9}]}, "/rates/0/limit"),
        ({"rates": [RATE | {"path": "login"}]}, "/rates/0/path"),
        ({"rates": [RATE | {"path": "/a*b"}]}, "/rates/0/path"),
        ({"rates": [RATE | {"key": "body"}]}, "/rates/0/key"),
        ({"rates": [RATE | {"key": "header:a b"}]}, "/rates/0/key"),
        ({"rates": [RATE | {"name": "Log In"}]}, "/rates/0/name"),
    ],
)
def test_a_wrong_guard_changes_nothing_and_says_where(
    owner: Person, project: dict[str, Any], body: dict[str, Any], pointer: str
) -> None:
    answer = _put(owner, project, body)
    problem = answer.json()
    assert (answer.status, problem["code"]) == (422, "invalid_guard")
    assert pointer in [one["pointer"] for one in problem["errors"]]
    assert rows.get(project["id"]).guard is None


def test_a_guard_that_no_route_can_carry_is_refused(owner: Person, project: dict[str, Any]) -> None:
    deny = [f"2001:db8:{n:x}:ffff:ffff:ffff:ffff::/127" for n in range(500)]
    agents = [{"contains": "x" * 100, "action": "block"} for _ in range(20)]
    body = {"addresses": {"deny": deny}, "bots": {"agents": agents}}
    answer = _put(owner, project, body)
    assert answer.status == 422 or len(json.dumps(answer.json())) < edge.MAX_BYTES


def test_purging_names_the_site(owner: Person, project: dict[str, Any], services: Any) -> None:
    path = f"/v1/projects/{project['id']}/purge"
    body = {"tags": ["news", "a.b-c"], "paths": ["/api/x", "/blog/*"]}
    answer = owner.client.post(path, body)
    assert answer.status == 202, answer.json()
    assert owner.client.post(path, {"everything": True}).status == 202
    assert services.edge.purged == [
        (project["id"], ["a.b-c", "news"], ["/api/x", "/blog/*"], False),
        (project["id"], [], [], True),
    ]
    assert owner.client.post(path, {}).json()["code"] == "nothing_to_purge"
    for wrong in ({"tags": ["a b"]}, {"paths": ["x"]}, {"paths": ["/a*b"]}, {"paths": ["/a?b"]}):
        answer = owner.client.post(path, wrong)
        assert (answer.status, answer.json()["code"]) == (422, "invalid_purge"), wrong
    assert len(services.edge.purged) == 2


class _Origin(BaseHTTPRequestHandler):
    answers: dict[str, int] = {}  # noqa: RUF012

    def do_GET(self) -> None:
        status = self.answers.get(self.path, 404)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def origins() -> Iterator[str]:
    _Origin.answers = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Origin)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from chalicelib.core import outbound
    from chalicelib.core.config import settings

    monkeypatch.setattr(outbound, "settings", lambda: replace(settings(), private_outbound=True))


def _table(services: Any, team: str, *backends: Backend) -> str:
    data = encode(Routing(backends=backends))
    digest = digest_of(data)
    services.store.put(f"rules/{team}/{digest}.json", data)
    return digest


def test_backends_are_asked_and_the_edge_is_told(
    owner: Person, project: dict[str, Any], services: Any, origins: str, private: None
) -> None:
    backend = Backend(
        "api",
        (Origin("a", f"{origins}/a"), Origin("b", f"{origins}/b", weight=30)),
        health="/up",
    )
    silent = Backend("other", (Origin("c", "https://other.example"),))
    digest = _table(services, project["team"], backend, silent)
    health.follow(project["id"], project["team"], ["dpl_1"], lambda _: [digest])
    _Origin.answers = {"/a/up": 200, "/b/up": 500}
    assert health.look() == {"projects": 1, "origins": 2, "down": 0}
    assert health.look() == {"projects": 1, "origins": 2, "down": 1}  # twice is down
    assert rows.get(project["id"]).down == ["api.b"]
    route = sites.route(project["id"])
    assert route is not None
    assert route.down == ("api.b",)
    shown = owner.client.get(f"/v1/projects/{project['id']}/backends").json()
    assert shown["deployments"] == ["dpl_1"]
    by_name = {one["name"]: one for one in shown["items"]}
    assert by_name["a"]["healthy"] is True
    assert (by_name["b"]["healthy"], by_name["b"]["why"]) == (False, "It answered 500.")
    assert (by_name["c"]["healthy"], by_name["c"]["check"]) == (None, "")
    version = rows.get(project["id"]).version
    health.look()  # nothing new: nothing is told
    assert rows.get(project["id"]).version == version
    _Origin.answers = {"/a/up": 200, "/b/up": 204}
    health.look()
    assert rows.get(project["id"]).down is None


def test_what_visitors_see_decides_which_backends_count(
    owner: Person, project: dict[str, Any], services: Any, origins: str, private: None
) -> None:
    backend = Backend("api", (Origin("a", f"{origins}/a"),), health="/up")
    digest = _table(services, project["team"], backend)
    health.follow(project["id"], project["team"], ["dpl_1"], lambda _: [digest])
    health.look()
    health.look()
    assert rows.get(project["id"]).down == ["api.a"]
    # the next deployment has no backends: nobody is down, and nobody is asked any more
    health.follow(project["id"], project["team"], ["dpl_2"], lambda _: [])
    assert health.look()["projects"] == 1
    assert rows.get(project["id"]).down is None
    assert health.look()["projects"] == 0
    # the same deployments again ask nobody for tables
    health.follow(project["id"], project["team"], ["dpl_2"], lambda _: pytest.fail("asked"))


def test_private_backends_are_not_asked(
    owner: Person, project: dict[str, Any], services: Any, origins: str
) -> None:
    _Origin.answers = {"/a/up": 200}
    backend = Backend("api", (Origin("a", f"{origins}/a"),), health="/up")
    digest = _table(services, project["team"], backend)
    health.follow(project["id"], project["team"], ["dpl_1"], lambda _: [digest])
    health.look()
    row = health_row(project["id"])
    assert row is not None
    assert "https" in row.origins[0]["why"]


def test_a_damaged_table_and_a_deleted_project_stop_nobody(
    owner: Person, project: dict[str, Any], services: Any
) -> None:
    health.follow(project["id"], project["team"], ["dpl_1"], lambda _: ["0" * 64])
    services.store.put(f"rules/{project['team']}/{'0' * 64}.json", b"{}")
    assert health.look() == {"projects": 1, "origins": 0, "down": 0}
    health.follow(project["id"], project["team"], ["dpl_2"], lambda _: ["1" * 64])
    owner.client.delete(f"/v1/projects/{project['id']}")
    health.look()
    assert health_row(project["id"]) is None


def test_a_site_without_rules_costs_no_row(
    owner: Person, project: dict[str, Any], services: Any
) -> None:
    sites.tell_edge(project["id"])
    assert health_row(project["id"]) is None


def test_a_developer_purges_and_an_admin_guards(
    api: Any, owner: Person, project: dict[str, Any]
) -> None:
    developer = member(api, owner, "developer").client
    viewer = member(api, owner, "viewer").client
    path = f"/v1/projects/{project['id']}"
    assert developer.post(f"{path}/purge", {"everything": True}).status == 202
    assert viewer.post(f"{path}/purge", {"everything": True}).status == 403
    assert developer.call("PUT", f"{path}/guard", {}).status == 403
    assert viewer.get(f"{path}/guard").status == 200
