"""GraphQL answers what the routes answer: same things, same permissions, same traces."""

from __future__ import annotations

import secrets
import subprocess
import sys
from typing import Any

import pytest

import app  # noqa: F401  # registers every route
from chalicelib import wiring
from chalicelib.core import http, limits
from tests.api.test_authorisation_matrix import here  # noqa: F401  # a fixture
from tests.fakes import line
from tests.fakes import world as worlds
from tests.fakes.client import Client
from tests.fakes.people import api_key


def ask(client: Client, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
    answer = client.call(
        "POST", "/v1/graphql", {"query": query, "variables": variables}, headers=headers
    )
    assert answer.status == 200, answer.text
    return answer.json()


def deployed(owner: Any, services: Any) -> tuple[str, str]:
    """A project and a deployment that is live."""
    project = owner.client.post("/v1/projects", {"name": "s", "slug": f"s-{secrets.token_hex(4)}"})
    name = project.json()["id"]
    services.repositories.push(name, "main", secrets.token_hex(20))
    body = {"branch": "main", "production": True}
    made = owner.client.post(f"/v1/projects/{name}/deployments", body).json()["id"]
    assert line.carry(services, made)["outcome"] == "ok"
    return name, made


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def test_it_says_what_the_routes_say(owner, services):
    project, made = deployed(owner, services)
    found = ask(
        owner.client,
        """query($project: String!, $deployment: String!) {
            me { user { id email } teams { id slug role details { plan } } }
            teams { items { id members { items { user email } } projects { items { id } } } }
            project(project: $project) {
                id slug teamId team { name }
                pointer { deploymentId deployment { id state } generation }
                deployments(limit: 5) { items { id state projectId project { slug } } next }
                environments { items { name } }
                rollouts { items { id } } domains { items { domain } } variables { items { name } }
            }
            deployment(deployment: $deployment) {
                id bytes sequence logs(limit: 3) { lines { n text } } build { id state }
                rules { total }
            }
        }""",
        project=project,
        deployment=made,
    )
    assert "errors" not in found, found
    data = found["data"]
    rest = {
        name: owner.client.get(path).json()
        for name, path in {
            "me": "/v1/me",
            "project": f"/v1/projects/{project}",
            "pointer": f"/v1/projects/{project}/pointer",
            "deployment": f"/v1/deployments/{made}",
            "logs": f"/v1/deployments/{made}/logs?limit=3",
            "environments": f"/v1/projects/{project}/environments",
        }.items()
    }
    assert data["me"]["user"]["email"] == rest["me"]["user"]["email"]
    assert data["me"]["teams"][0]["details"]["plan"] == "free"
    assert data["project"]["teamId"] == rest["project"]["team"]
    assert data["project"]["pointer"]["generation"] == rest["pointer"]["generation"]
    assert data["project"]["pointer"]["deployment"] == {"id": made, "state": "ready"}
    assert data["project"]["deployments"]["items"][0]["project"]["slug"] == rest["project"]["slug"]
    assert [e["name"] for e in data["project"]["environments"]["items"]] == [
        e["name"] for e in rest["environments"]["items"]
    ]
    assert data["deployment"]["bytes"] == rest["deployment"]["bytes"]
    assert data["deployment"]["sequence"] == rest["deployment"]["sequence"] > 2**31
    assert [x["text"] for x in data["deployment"]["logs"]["lines"]] == [
        x["text"] for x in rest["logs"]["lines"]
    ]


def test_pages_go_on_where_they_ended(owner):
    for name in "abc":
        owner.client.post("/v1/projects", {"name": name, "slug": f"{name}-{secrets.token_hex(3)}"})
    query = "query($at: String) { projects(limit: 2, cursor: $at) { items { name } next } }"
    first = ask(owner.client, query)["data"]["projects"]
    second = ask(owner.client, query, at=first["next"])["data"]["projects"]
    assert [p["name"] for p in first["items"] + second["items"]] == ["c", "b", "a"]
    assert second["next"] is None
    # a cursor is one caller's and one list's: REST's own opens here and the other way round
    rest = owner.client.get(f"/v1/projects?limit=2&cursor={first['next']}").json()
    assert [p["name"] for p in rest["items"]] == ["a"]


def test_the_deeds_of_every_day(owner, services):
    made = ask(
        owner.client,
        "mutation($it: NewProjectInput!) { createProject(input: $it) { id slug } }",
        it={"name": "Rocket", "settings": {"root": "web"}},
    )["data"]["createProject"]
    project = made["id"]
    assert owner.client.get(f"/v1/projects/{project}").json()["settings"]["root"] == "web"
    commits = [secrets.token_hex(20) for _ in range(2)]
    deployments = []
    for commit in commits:
        services.repositories.push(project, "main", commit)
        deploy = (
            "mutation($p: String!) { deploy(project: $p, "
            'input: {branch: "main", production: true}) { id state } }'
        )
        deployments.append(ask(owner.client, deploy, p=project)["data"]["deploy"]["id"])
        assert line.carry(services, deployments[-1])["outcome"] == "ok"
    back = ask(
        owner.client,
        "mutation($p: String!) { rollback(project: $p, input: {}) { deploymentId pinned } }",
        p=project,
    )
    assert back["data"]["rollback"] == {"deploymentId": deployments[0], "pinned": True}
    forth = ask(
        owner.client,
        "mutation($p: String!, $d: String!) "
        "{ promote(project: $p, input: {deployment: $d}) { deploymentId } }",
        p=project,
        d=deployments[1],
    )
    assert forth["data"]["promote"]["deploymentId"] == deployments[1]
    late = ask(
        owner.client, "mutation($d: String!) { cancel(deployment: $d) { id } }", d=deployments[0]
    )
    assert late["data"] == {"cancel": None}
    assert late["errors"][0]["extensions"]["code"] == "already_finished"
    kept = ask(
        owner.client,
        'mutation($p: String!) { setVariable(project: $p, name: "A", input: {value: "1"}) '
        '{ name version } gone: deleteVariable(project: $p, name: "A") }',
        p=project,
    )
    assert kept["data"] == {"setVariable": {"name": "A", "version": 1}, "gone": True}
    asked = ask(
        owner.client,
        "mutation($t: String!) { invite(team: $t, input: "
        '{email: "new@example.com", role: "viewer"}) { state role } }',
        t=owner.team,
    )
    assert asked["data"]["invite"] == {"state": "open", "role": "viewer"}


def test_a_change_leaves_the_entry_of_its_route(owner):
    ask(owner.client, 'mutation { createProject(input: {name: "Audited"}) { id } }')
    ask(owner.client, "{ me { via } }")
    entries = owner.client.get(f"/v1/teams/{owner.team}/audit").json()["items"]
    assert [e["action"] for e in entries if "project" in e["action"]] == ["projects.create"]
    assert not [e for e in entries if "graphql" in e["action"]]


def test_a_fresh_proof_is_asked_for(owner, api, monkeypatch):
    from chalicelib.core import stepup

    project = owner.client.post("/v1/projects", {"name": "s"}).json()["id"]
    monkeypatch.setattr(stepup, "FRESH_SECONDS", -1)
    found = ask(
        owner.client,
        'mutation($p: String!) { setVariable(project: $p, name: "A", input: {value: "1"}) '
        "{ name } }",
        p=project,
    )
    error = found["errors"][0]
    assert error["extensions"]["code"] == "step_up_required"
    assert error["extensions"]["status"] == 401
    assert error["path"] == ["setVariable"]
    assert error["extensions"]["hint"]


def test_a_change_sent_again_is_done_once(owner):
    key = {"Idempotency-Key": secrets.token_hex(16)}
    document = (
        'mutation { a: createProject(input: {name: "One"}) { id } '
        'b: createProject(input: {name: "Two"}) { id } }'
    )
    first, again = (ask(owner.client, document, headers=key) for _ in range(2))
    assert first == again
    assert len(owner.client.get("/v1/projects").json()["items"]) == 2
    other = document.replace("One", "Three")
    found = ask(owner.client, other, headers=key)
    assert found["errors"][0]["extensions"]["code"] == "idempotency_mismatch"


def test_every_field_counts_where_its_route_counts(owner, monkeypatch):
    counted = []
    real = limits.Limiter(1.0)

    def count(route: Any, actor: Any) -> dict[str, str]:
        counted.append((route.path, route.limit))
        return real(route, actor)

    monkeypatch.setattr(http.declare, "limiters", [count])
    try:
        ask(owner.client, "{ me { via } a: me { via } teams { items { id } } }")
        assert counted == [
            ("/v1/graphql", "read"),
            ("/v1/me", "read"),  # what is read twice is asked for once
            ("/v1/teams", "read"),
        ]
    finally:
        wiring.http.limit_with(real)


def test_a_field_over_its_limit_says_so_and_the_others_answer(owner, monkeypatch):
    from chalicelib.core.errors import TooMany

    def count(route: Any, actor: Any) -> dict[str, str]:
        if route.path == "/v1/teams":
            raise TooMany("rate_limited", "Too many.", hint="Wait.")
        return {}

    monkeypatch.setattr(http.declare, "limiters", [count])
    found = ask(owner.client, "{ me { via } teams { items { id } } }")
    assert found["data"] == {"me": {"via": "session"}, "teams": None}
    assert found["errors"][0]["extensions"] == {
        "code": "rate_limited",
        "status": 429,
        "hint": "Wait.",
    }


def test_a_key_does_what_it_was_made_for(owner):
    key = api_key(owner, scopes=["project.read"])
    found = ask(
        key,
        "query($t: String!) { projects(team: $t) { items { id } } team(team: $t) { id } }",
        t=owner.team,
    )
    assert found["data"]["projects"] == {"items": []}
    assert found["errors"][0]["extensions"]["code"] == "missing_scope"
    assert found["errors"][0]["extensions"]["status"] == 403


FIELDS: dict[str, tuple[str, str, str]] = {
    "me": ("GET", "/v1/me", "{ f: me { via } }"),
    "teams": ("GET", "/v1/teams", "{ f: teams { items { id } } }"),
    "team": ("GET", "/v1/teams/{team}", '{ f: team(team: "{team}") { id } }'),
    "projects": (
        "GET",
        "/v1/projects?team={team}",
        '{ f: projects(team: "{team}") { items { id } } }',
    ),
    "project": ("GET", "/v1/projects/{project}", '{ f: project(project: "{project}") { id } }'),
    "deployment": (
        "GET",
        "/v1/deployments/{deployment}",
        '{ f: deployment(deployment: "{deployment}") { id } }',
    ),
    "createProject": (
        "POST",
        "/v1/projects",
        'mutation { f: createProject(input: {name: "p", slug: "{slug}", team: "{team}"}) { id } }',
    ),
    "deploy": (
        "POST",
        "/v1/projects/{project}/deployments",
        'mutation { f: deploy(project: "{project}", input: {branch: "main"}) { id } }',
    ),
    "cancel": (
        "POST",
        "/v1/deployments/{deployment}/cancel",
        'mutation { f: cancel(deployment: "{deployment}") { id } }',
    ),
    "promote": (
        "POST",
        "/v1/projects/{project}/promote",
        (
            'mutation { f: promote(project: "{project}", input: {deployment: "{deployment}"}) '
            "{ generation } }"
        ),
    ),
    "rollback": (
        "POST",
        "/v1/projects/{project}/rollback",
        'mutation { f: rollback(project: "{project}", input: {}) { generation } }',
    ),
    "unpin": (
        "POST",
        "/v1/projects/{project}/unpin",
        'mutation { f: unpin(project: "{project}") { generation } }',
    ),
    "setVariable": (
        "PUT",
        "/v1/projects/{project}/env/A",
        (
            'mutation { f: setVariable(project: "{project}", name: "A", input: {value: "1"}) '
            "{ name } }"
        ),
    ),
    "deleteVariable": (
        "DELETE",
        "/v1/projects/{project}/env/A",
        'mutation { f: deleteVariable(project: "{project}", name: "A") }',
    ),
    "invite": (
        "POST",
        "/v1/teams/{team}/invitations",
        (
            'mutation { f: invite(team: "{team}", input: '
            '{email: "someone@example.com", role: "viewer"}) { id } }'
        ),
    ),
}
BODIES: dict[str, dict[str, Any]] = {
    "createProject": {"name": "p", "slug": "{slug}", "team": "{team}"},
    "deploy": {"branch": "main"},
    "promote": {"deployment": "{deployment}"},
    "rollback": {},
    "setVariable": {"value": "1"},
    "invite": {"email": "someone@example.com", "role": "viewer"},
}
ACTORS = ("viewer", "developer", "admin", "owner", "stranger", "key")


def filled(text: str, names: dict[str, str]) -> str:
    for name, value in {**names, "slug": f"s-{secrets.token_hex(6)}"}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def test_every_field_of_the_roots_is_held_to_its_route():
    from chalicelib.graphql.rules.links import MUTATIONS, QUERIES

    assert set(FIELDS) == {camel(link.name) for link in (*QUERIES, *MUTATIONS)}


@pytest.mark.parametrize("field", FIELDS)
def test_whoever_may_there_may_here(here: worlds.World, field: str):  # noqa: F811
    """Status and code of the field are those of the route, for everybody, found or absent."""
    method, path, query = FIELDS[field]
    body = BODIES.get(field)
    names = {name: worlds.MAKERS[name](here) for name in ("team", "project", "deployment")}
    for known in (names, {name: worlds.ABSENT[name] for name in names}):
        for actor in ACTORS:
            client = here.clients[actor]
            sent = None if body is None else {k: filled(v, known) for k, v in body.items()}
            rest = client.call(method, filled(path, known), sent)
            found = ask(client, filled(query, known))
            said = found.get("errors", [{"extensions": {"status": 200, "code": ""}}])[0][
                "extensions"
            ]
            wanted = (200, "") if rest.status < 300 else (rest.status, rest.code)
            assert (said["status"], said["code"]) == wanted, (actor, rest.text, found)
            assert (found["data"]["f"] is None) == (rest.status >= 300)


NESTED = {
    "Team": ('{ team(team: "{team}") { f: %s } }', "team"),
    "Project": ('{ project(project: "{project}") { f: %s } }', "project"),
    "Deployment": ('{ deployment(deployment: "{deployment}") { f: %s } }', "deployment"),
}


@pytest.mark.parametrize("parent", NESTED)
def test_what_hangs_on_something_asks_as_well(here: worlds.World, parent: str):  # noqa: F811
    """Members of the team reach every link where its route lets them, and only there."""
    from chalicelib.graphql.rules.links import LINKS

    query, name = NESTED[parent]
    names = {name: worlds.MAKERS[name](here)}
    for link in LINKS[parent]:
        asked = filled(query, names) % f"{camel(link.name)} {{ __typename }}"
        method, _, path = link.route.partition(" ")
        for actor in ("viewer", "developer", "owner"):
            client = here.clients[actor]
            parents = client.get(f"/v1/{name}s/{names[name]}").json()
            for key, field in link.path.items():
                path = path.replace(f"{{{key}}}", parents[field])
            given = "&".join(f"{key}={parents[field]}" for key, field in link.query.items())
            rest = client.call(method, f"{path}?{given}" if given else path)
            found = ask(client, asked)
            said = found.get("errors", [{"extensions": {"status": 200}}])[0]["extensions"]
            assert said["status"] == rest.status, (link, actor, rest.text, found)


@pytest.mark.parametrize("actor", ["anonymous", "malformed", "expired", "revoked"])
def test_who_is_not_signed_in_gets_nothing(here: worlds.World, actor: str):  # noqa: F811
    answer = here.clients[actor].post("/v1/graphql", {"query": "{ __typename }"})
    assert answer.status == 401


def test_the_library_is_imported_by_the_first_question_only():
    program = (
        "import sys, app; heavy = [m for m in sys.modules if m.split('.')[0] in "
        "{'strawberry', 'graphql'}]; sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
