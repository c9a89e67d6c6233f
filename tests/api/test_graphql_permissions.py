"""Every field asks what its route asks: permissions, scopes, limits, whoever it is."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

import app  # noqa: F401  # registers every route
from chalicelib.core import http
from tests.api.graph import ask, camel
from tests.fakes import line
from tests.fakes import world as worlds
from tests.fakes.people import api_key, member


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


def test_every_field_counts_where_its_route_counts(owner, monkeypatch):
    counted = []

    def count(route: Any, actor: Any) -> dict[str, str]:
        counted.append((route.path, route.limit))
        return {}

    monkeypatch.setattr(http.declare, "limiters", [count])
    ask(owner.client, "{ me { via } a: me { via } teams { items { id } } }")
    assert counted == [
        ("/v1/graphql", "read"),
        ("/v1/me", "read"),  # what is read twice is asked for once
        ("/v1/teams", "read"),
    ]


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
def test_whoever_may_there_may_here(here: worlds.World, field: str):
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
    "TeamSummary": ("{ teams { items { f: %s } } }", "team"),
    "Project": ('{ project(project: "{project}") { f: %s } }', "project"),
    "Deployment": ('{ deployment(deployment: "{deployment}") { f: %s } }', "deployment"),
}


@pytest.mark.parametrize("parent", NESTED)
def test_what_hangs_on_something_asks_as_well(here: worlds.World, parent: str):
    """Members of the team reach every link where its route lets them, and only there."""
    from chalicelib.graphql.rules.links import LINKS

    query, name = NESTED[parent]
    assert LINKS[parent]
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


def test_what_a_pointer_leads_to_is_hidden_by_the_policy_of_its_route(api, owner, services):
    project = owner.client.post("/v1/projects", {"name": "s"}).json()["id"]
    made = line.go_live(services, owner.client, project)
    viewer = member(api, owner, "viewer").client
    query = "query($p: String!) { project(project: $p) { pointer { deployment { id } } } }"
    shown = {"project": {"pointer": {"deployment": {"id": made}}}}
    assert ask(viewer, query, p=project) == {"data": shown}
    body = {"effect": "deny", "roles": ["viewer"], "actions": ["deployment.read"]}
    assert owner.client.put(f"/v1/teams/{owner.team}/policies/hidden", body).status == 200
    found = ask(viewer, query, p=project)
    refused = viewer.get(f"/v1/deployments/{made}")
    assert made not in str(found)
    assert found["errors"][0]["extensions"]["code"] == refused.code == "policy_denied"


@pytest.mark.parametrize("actor", ["anonymous", "malformed", "expired", "revoked"])
def test_who_is_not_signed_in_gets_nothing(here: worlds.World, actor: str):
    answer = here.clients[actor].post("/v1/graphql", {"query": "{ __typename }"})
    assert answer.status == 401
