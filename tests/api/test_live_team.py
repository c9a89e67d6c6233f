"""The feed of a team: who hears of which change, and that telling never hurts what it tells of."""

from __future__ import annotations

import json
import secrets
import threading

import pytest

from chalicelib.core.errors import Unauthenticated
from chalicelib.identity.actions import authenticate
from chalicelib.live import actions as live
from chalicelib.live import feed, rules
from functions.events import team_changed
from functions.live import message
from tests.fakes import line
from tests.fakes.counting import database_calls
from tests.fakes.people import PASSWORD, api_key, member, person


class Watcher:
    """Somebody at an open connection."""

    def __init__(self, services, token):
        self.services, self.connection = services, secrets.token_hex(4)
        live.connect(self.connection, authenticate(token))

    def say(self, **words):
        event = {"requestContext": {"connectionId": self.connection}, "body": json.dumps(words)}
        before = len(self.got())
        assert message.handler(event, None) == {"statusCode": 200}
        return self.got()[before:]

    def got(self):
        return list(self.services.live.sent.get(self.connection, []))

    def watch(self, team):
        answer = self.say(action="subscribe", team=team)
        assert answer[-1]["type"] == "subscribed", answer
        return self

    def hears(self, work):
        """What it is told of what `work` does."""
        before = len(self.got())
        work()
        deliver(self.services)
        return self.got()[before:]


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """A machine that is busy hands a change over all the same, before anybody looks."""
    monkeypatch.setattr(feed, "PATIENCE_SECONDS", 30.0)


def deliver(services):
    """Carry the events of the feed to their function."""
    told = [e for e in services.bus.events if e[0] == feed.KIND]
    services.bus.events[:] = [e for e in services.bus.events if e[0] != feed.KIND]
    for _, detail in told:
        team_changed.handler({"detail": detail}, None)
    return len(told)


@pytest.fixture
def project(owner):
    return owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()


def rename(owner, project):
    def work():
        answer = owner.client.patch(f"/v1/projects/{project['id']}", {"name": secrets.token_hex(4)})
        assert answer.status == 200

    return work


def test_a_change_is_told(services, owner, project):
    watcher = Watcher(services, owner.client.token).watch(owner.team)
    (told,) = watcher.hears(rename(owner, project))
    at = told.pop("at")
    assert at.endswith("Z")
    assert told == {
        "type": "changed",
        "team": owner.team,
        "project": project["id"],
        "what": "project",
        "id": project["id"],
    }


def test_what_a_team_is_called_by_its_slug(services, owner):
    slug = owner.client.get(f"/v1/teams/{owner.team}").json()["slug"]
    answer = Watcher(services, owner.client.token).say(action="subscribe", team=slug)
    assert answer == [{"type": "subscribed", "team": owner.team}]


def test_nobody_watches_and_nothing_is_put_on_the_bus(services, owner, project):
    rename(owner, project)()
    assert services.bus.of(feed.KIND) == []


def test_a_deployment_is_told_at_every_state(services, owner, project):
    watcher = Watcher(services, owner.client.token).watch(owner.team)

    def deploy():
        services.repositories.push(project["id"], "main", "a" * 40)
        body = {"branch": "main", "production": True}
        made = owner.client.post(f"/v1/projects/{project['id']}/deployments", body).json()["id"]
        assert line.carry(services, made)["outcome"] == "ok"

    told = watcher.hears(deploy)
    states = [t["deployment"]["state"] for t in told if t["type"] == "deployment"]
    assert len(states) >= 5
    assert states[-1] == "ready"
    assert {t["what"] for t in told if t["type"] == "changed"} >= {"deployment", "pointer"}


def test_unsubscribe_and_ping(services, owner, project):
    watcher = Watcher(services, owner.client.token).watch(owner.team)
    assert watcher.say(action="ping") == [{"type": "pong"}]
    answer = watcher.say(action="unsubscribe", team=owner.team)
    assert answer == [{"type": "unsubscribed", "team": owner.team}]
    assert watcher.hears(rename(owner, project)) == []


def test_a_stranger_may_not_watch(api, services, owner):
    stranger = Watcher(services, person(api).client.token)
    (answer,) = stranger.say(action="subscribe", team=owner.team)
    assert (answer["type"], answer["code"]) == ("error", "team_not_found")
    assert answer["team"] == owner.team


def test_a_guest_hears_of_their_project_only(api, services, owner, project):
    other = owner.client.post("/v1/projects", {"name": "other", "slug": "other"}).json()
    guest = person(api)
    path = f"/v1/projects/{project['id']}/members/{guest.id}"
    owner.client.put(path, {"role": "viewer"})
    watcher = Watcher(services, guest.client.token).watch(owner.team)
    assert len(watcher.hears(rename(owner, project))) == 1
    assert watcher.hears(rename(owner, other)) == []
    team = f"/v1/teams/{owner.team}"
    assert watcher.hears(lambda: owner.client.patch(team, {"name": "Another"})) == []
    owner.client.delete(path)
    deliver(services)
    assert watcher.hears(rename(owner, project)) == []


def test_what_a_policy_denies_is_not_told(api, services, owner, project):
    viewer = member(api, owner, "viewer")
    watcher = Watcher(services, viewer.client.token).watch(owner.team)
    assert len(watcher.hears(rename(owner, project))) == 1
    body = {"effect": "deny", "roles": ["viewer"], "actions": ["project.read"]}
    answer = owner.client.put(f"/v1/teams/{owner.team}/policies/hidden", body)
    assert answer.status == 200, answer.text
    deliver(services)
    assert watcher.hears(rename(owner, project)) == []


def test_of_variables_a_viewer_hears_nothing_and_a_developer_no_name(api, services, owner, project):
    viewer = Watcher(services, member(api, owner, "viewer").client.token).watch(owner.team)
    developer = Watcher(services, member(api, owner, "developer").client.token).watch(owner.team)

    def put():
        path = f"/v1/projects/{project['id']}/env/API_SECRET"
        answer = owner.client.put(path, {"value": "x", "environment": "production"})
        assert answer.status < 300, answer.text

    before = len(viewer.got())
    (told,) = developer.hears(put)
    assert told["what"] == "variable"
    assert "API_SECRET" not in json.dumps(told)
    assert viewer.got()[before:] == []


def test_sign_ins_are_nobody_elses(api, services, owner):
    viewer = Watcher(services, member(api, owner, "viewer").client.token).watch(owner.team)
    login = {"email": owner.email, "password": PASSWORD}
    assert viewer.hears(lambda: api.post("/v1/auth/login", login)) == []
    assert viewer.hears(lambda: owner.client.post("/v1/auth/logout")) == []


@pytest.mark.parametrize("end", ["logout", "remove"])
def test_who_may_no_more_hears_no_more(api, services, owner, project, end):
    somebody = member(api, owner, "developer")
    watcher = Watcher(services, somebody.client.token).watch(owner.team)
    assert watcher.hears(rename(owner, project))
    if end == "logout":
        somebody.client.post("/v1/auth/logout")
    else:
        owner.client.delete(f"/v1/teams/{owner.team}/members/{somebody.id}")
    deliver(services)
    assert watcher.hears(rename(owner, project)) == []


@pytest.mark.parametrize(("more", "told"), [([], 0), (["project.read"], 1)])
def test_a_key_hears_what_its_scopes_allow(services, owner, project, more, told):
    key = api_key(owner, scopes=["team.read", "deployment.read", *more])
    watcher = Watcher(services, key.token).watch(owner.team)
    assert len(watcher.hears(rename(owner, project))) == told


def test_many_are_told_in_few_reads(services, owner, project):
    watchers = [Watcher(services, owner.client.token).watch(owner.team) for _ in range(40)]
    rename(owner, project)()
    with database_calls() as calls:
        deliver(services)
    assert calls.count("BatchGetItem") == 3
    assert all(w.got()[-1]["type"] == "changed" for w in watchers)


def test_only_so_many_watch(services, owner, monkeypatch):
    monkeypatch.setattr(rules, "WATCHERS", 2)
    for _ in range(2):
        Watcher(services, owner.client.token).watch(owner.team)
    (answer,) = Watcher(services, owner.client.token).say(action="subscribe", team=owner.team)
    assert answer["code"] == "too_many_watchers"


def test_one_connection_watches_only_so_much(services, owner, monkeypatch):
    monkeypatch.setattr(rules, "SUBSCRIPTIONS", 0)
    (answer,) = Watcher(services, owner.client.token).say(action="subscribe", team=owner.team)
    assert answer["code"] == "too_many_subscriptions"


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"action": "subscribe"},
        {"action": "subscribe", "team": "a", "deployment": "b"},
        {"action": ["x"], "team": None},
        {"action": "subscribe", "deployment": "dpl_1", "after": "x"},
    ],
)
def test_what_cannot_be_understood(services, owner, words):
    (answer,) = Watcher(services, owner.client.token).say(**words)
    assert answer["code"] == "invalid_message"


def test_a_bus_that_fails_loses_no_write(services, owner, project, monkeypatch):
    Watcher(services, owner.client.token).watch(owner.team)
    refused = []

    def refuse(kind, _detail):
        refused.append(kind)
        raise RuntimeError

    monkeypatch.setattr(services.bus, "put", refuse)
    rename(owner, project)()
    assert feed.KIND in refused


def test_a_bus_that_hangs_holds_up_no_write_for_long(services, owner, project, monkeypatch):
    Watcher(services, owner.client.token).watch(owner.team)
    monkeypatch.setattr(feed, "PATIENCE_SECONDS", 0.05)
    hangs = threading.Event()
    over = []
    monkeypatch.setattr(services.bus, "put", lambda *_: over.append(hangs.wait(60)))
    rename(owner, project)()
    assert over == [], "the write was not waiting for it"
    hangs.set()


def test_one_who_hung_up_keeps_nobody_else_from_hearing(services, owner, project):
    gone, broken, well = (Watcher(services, owner.client.token).watch(owner.team) for _ in range(3))
    services.live.gone.add(gone.connection)
    services.live.refused[broken.connection] = 500
    assert len(well.hears(rename(owner, project))) == 1
    with pytest.raises(Unauthenticated):
        live.actor_of(gone.connection)
