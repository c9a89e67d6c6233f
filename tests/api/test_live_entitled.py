"""Who goes on watching a deployment, and who stops in the moment in which they may no more."""

from __future__ import annotations

import secrets

import pytest

from chalicelib.identity.actions import authenticate
from chalicelib.live import actions as live
from tests.fakes.people import api_key, member, person

DEPLOYMENT = "dpl_" + "1" * 26


@pytest.fixture
def project(owner):
    return owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()


def watching(services, token, owner, project):
    """Open a connection by a token; the answer is whether it still hears of the deployment."""
    connection = secrets.token_hex(4)
    actor = authenticate(token)
    live.connect(connection, actor)
    live.watch(connection, DEPLOYMENT, live.actor_of(connection), owner.team, project["id"])

    def hears():
        before = len(services.live.sent.get(connection, []))
        live.tell(DEPLOYMENT, lambda: {"type": "deployment"})
        return len(services.live.sent.get(connection, [])) > before

    return hears


def test_a_session_that_ends(services, owner, project):
    hears = watching(services, owner.client.token, owner, project)
    assert hears()
    owner.client.post("/v1/auth/logout")
    assert not hears()


def test_a_member_who_is_removed(api, services, owner, project):
    somebody = member(api, owner, "viewer")
    hears = watching(services, somebody.client.token, owner, project)
    assert hears()
    owner.client.delete(f"/v1/teams/{owner.team}/members/{somebody.id}")
    assert not hears()


def test_a_guest_of_the_project(api, services, owner, project):
    guest = person(api)
    path = f"/v1/projects/{project['id']}/members/{guest.id}"
    owner.client.put(path, {"role": "viewer"})
    hears = watching(services, guest.client.token, owner, project)
    assert hears()
    owner.client.delete(path)
    assert not hears()


@pytest.mark.parametrize("kind", ["api_key", "service", "deploy_key"])
def test_keys(api, services, owner, project, kind):
    if kind == "api_key":
        token = api_key(owner).token
        made = owner.client.get("/v1/keys").json()["items"][0]
    elif kind == "service":
        wish = {"name": "s", "team": owner.team, "kind": "service", "role": "viewer"}
        made = owner.client.post("/v1/keys", wish).json()
        token = made["secret"]
    else:
        made = owner.client.post(f"/v1/projects/{project['id']}/deploy-keys", {"name": "ci"}).json()
        token = made["secret"]
    hears = watching(services, token, owner, project)
    assert hears()
    assert owner.client.delete(f"/v1/keys/{made['id']}").status == 204
    assert not hears()


def test_somebody_who_is_suspended(api, services, owner, project):
    from chalicelib.identity.rows import UserRow, user_of

    somebody = member(api, owner, "developer")
    hears = watching(services, api_key(somebody, team=owner.team).token, owner, project)
    assert hears()
    user_of(somebody.id).update(actions=[UserRow.status.set("suspended")])
    assert not hears()


def test_many_watch_in_one_read_each_twenty(services, owner, project):
    from tests.fakes.counting import database_calls

    watched = [watching(services, owner.client.token, owner, project) for _ in range(25)]
    with database_calls() as calls:
        assert live.tell(DEPLOYMENT, dict) == 25
    assert calls.count("BatchGetItem") == 2
    assert watched[0]()
