"""Ways around a policy that denies production: none of the doors to it is left open."""

from __future__ import annotations

import secrets

import pytest

from chalicelib.git import actions as git
from chalicelib.teams.rows import TeamRow, team_of
from tests.fakes import line
from tests.fakes.people import api_key, member

DENY = {
    "effect": "deny",
    "actions": ["deployment.*", "env.*"],
    "conditions": {"environment": ["production"]},
}


@pytest.fixture
def shop(owner, services):
    """A project whose `main` is live, before anybody denied anything."""
    made = owner.client.post("/v1/projects", {"name": "shop", "slug": f"s-{secrets.token_hex(4)}"})
    project = made.json()
    for _ in range(2):
        services.repositories.push(project["id"], "main", secrets.token_hex(20))
        body = {"branch": "main", "production": True}
        found = owner.client.post(f"/v1/projects/{project['id']}/deployments", body).json()
        assert line.carry(services, found["id"])["outcome"] == "ok"
    project["live"] = found["id"]
    owner.client.patch(f"/v1/projects/{project['id']}", {"production_branch": "main"})
    return project


@pytest.fixture
def denied(owner, shop):
    answer = owner.client.put(f"/v1/teams/{owner.team}/policies/no-production", DENY)
    assert answer.status == 200, answer.text
    return shop


def _keys(owner, project):
    deploy = owner.client.post(f"/v1/projects/{project['id']}/deploy-keys", {"name": "ci"})
    return {
        "owner": owner.client,
        "key": api_key(owner),
        "service": api_key(owner, kind="service", role="owner"),
        "deploy_key": owner.client.with_token(deploy.json()["secret"]),
    }


@pytest.mark.parametrize("who", ["owner", "key", "service", "deploy_key"])
def test_no_door_to_production(owner, denied, services, who):
    client = _keys(owner, denied)[who]
    path = f"/v1/projects/{denied['id']}"
    services.repositories.push(denied["id"], "main", "c" * 40)
    tries = {
        "named": client.post(f"{path}/deployments", {"branch": "main", "production": True}),
        "by its branch": client.post(f"{path}/deployments", {"branch": "main"}),
        "rollback": client.post(f"{path}/rollback", {}),
        "rollback to": client.post(f"{path}/rollback", {"to": denied["live"]}),
        "promote": client.post(f"{path}/promote", {"deployment": denied["live"]}),
        "look": client.get(f"/v1/deployments/{denied['live']}"),
        "logs": client.get(f"/v1/deployments/{denied['live']}/logs"),
        "cancel": client.post(f"/v1/deployments/{denied['live']}/cancel"),
        "pointer": client.get(f"{path}/pointer"),
    }
    if who != "deploy_key":
        tries |= {
            "variables": client.get(f"{path}/env"),
            "all": client.put(f"{path}/env/A", {"value": "x", "environment": "all"}),
            "production": client.put(f"{path}/env/A", {"value": "x", "environment": "production"}),
            "remove": client.delete(f"{path}/env/A"),
        }
    assert {name: (a.status, a.code) for name, a in tries.items()} == dict.fromkeys(
        tries, (403, "policy_denied")
    )
    listed = client.get(f"{path}/deployments")
    assert (listed.status, listed.json()["items"]) == (200, [])


def test_what_is_no_production_is_listed(owner, denied, services):
    services.repositories.push(denied["id"], "feature", "d" * 40)
    path = f"/v1/projects/{denied['id']}/deployments"
    made = owner.client.post(path, {"branch": "feature"})
    assert made.status == 201, made.text
    assert [d["id"] for d in owner.client.get(path).json()["items"]] == [made.json()["id"]]


@pytest.mark.parametrize("who", ["owner", "key", "service", "deploy_key"])
def test_a_push_to_production_is_told_no(owner, denied, who):
    token = _keys(owner, denied)[who].token
    access = git.open_repository(token, denied["slug"], write=True, address="192.0.2.1")
    assert set(access.refused) == {"production"}


def test_simulate_says_what_happens(api, owner, denied):
    ada = member(api, owner, "developer")
    body = {"team": owner.team, "who": ada.email, "resource": denied["slug"]}
    for action in ("deployment.promote",):
        found = owner.client.post("/v1/policies/simulate", {**body, "action": action}).json()
        assert (found["allowed"], found["code"]) == (False, "policy_denied")
    context = {"environment": "production"}
    for action in ("deployment.create", "deployment.read", "deployment.cancel", "env.write"):
        asked = {**body, "action": action, "context": context}
        assert not owner.client.post("/v1/policies/simulate", asked).json()["allowed"]


def test_who_may_not_deploy_to_production_does_not_say_which_branch_it_is(api, owner, shop):
    """Else a slow push begins to a preview, and ends in production."""
    ada = member(api, owner, "developer")
    path = f"/v1/projects/{shop['id']}"
    assert ada.client.patch(path, {"production_branch": "next"}).status == 200
    owner.client.put(f"/v1/teams/{owner.team}/policies/no-production", DENY)
    refused = ada.client.patch(path, {"production_branch": "main"})
    assert (refused.status, refused.code) == (403, "policy_denied")
    assert ada.client.patch(path, {"production_branch": "next", "name": "New"}).status == 200
    narrow = api_key(owner, scopes=["project.update", "project.read"])
    assert narrow.patch(path, {"production_branch": "main"}).code == "missing_scope"


@pytest.mark.parametrize("source", ["git", "output"])
def test_what_waits_is_not_built_for_a_suspended_team(owner, shop, services, source):
    path = f"/v1/projects/{shop['id']}"
    services.repositories.push(shop["id"], "main", "e" * 40)
    body = {"branch": "main", "production": True}
    if source == "output":
        upload = {"kind": "output", "files": 1, "bytes": 1}
        made = owner.client.post(f"{path}/uploads", upload).json()["id"]
        body = {"upload": made, "production": True}
    waiting = owner.client.post(f"{path}/deployments", body).json()["id"]
    team_of(owner.team).update(actions=[TeamRow.status.set("suspended")])
    assert line.carry(services, waiting)["outcome"] == "cancelled"
    found = owner.client.get(f"/v1/deployments/{waiting}").json()
    assert found["state"] == "cancelled"
    assert found["error"]["message"] == "The team is suspended."
    assert owner.client.get(f"{path}/pointer").json()["deployment"] == shop["live"]
