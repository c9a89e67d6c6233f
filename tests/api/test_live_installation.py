"""The log of the installation, live: only those who run it hear, and only that there is more."""

from __future__ import annotations

import pytest

from chalicelib.identity.rows import UserRow, user_named
from chalicelib.live.rules import change_of
from tests.api.test_live_team import Watcher
from tests.fakes.people import api_key, member, person


@pytest.fixture
def admin(owner):
    user_named(owner.id).update(actions=[UserRow.admin.set(True)])
    return owner


def settle(admin, sign_up="invite"):
    def work():
        answer = admin.client.patch("/v1/admin/settings", {"sign_up": sign_up})
        assert answer.status == 200, answer.text

    return work


def watch(services, somebody):
    watcher = Watcher(services, somebody.client.token)
    return watcher, watcher.say(action="subscribe", installation=True)


def test_an_entry_is_told_and_not_what_it_says(services, admin):
    watcher, answer = watch(services, admin)
    assert answer == [{"type": "subscribed", "installation": True}]
    (told,) = watcher.hears(settle(admin))
    assert told.pop("at").endswith("Z")
    assert told == {
        "type": "changed",
        "team": None,
        "project": None,
        "what": "audit",
        "id": "installation",
    }


def test_who_does_not_run_it_may_not_watch(api, services, admin):
    watcher, (answer,) = watch(services, person(api))
    assert (answer["type"], answer["code"]) == ("error", "admin_only")
    assert answer["installation"] is True
    assert watcher.hears(settle(admin)) == []


def test_a_key_needs_the_scope(services, admin):
    narrow = Watcher(services, api_key(admin, scopes=["team.read"]).token)
    (answer,) = narrow.say(action="subscribe", installation=True)
    assert answer["code"] == "admin_only"


def test_who_runs_it_no_more_hears_no_more(api, services, admin):
    other = person(api)
    user_named(other.id).update(actions=[UserRow.admin.set(True)])
    watcher, _ = watch(services, other)
    assert len(watcher.hears(settle(admin))) == 1
    user_named(other.id).update(actions=[UserRow.admin.set(False)])
    assert watcher.hears(settle(admin, "open")) == []


def test_unsubscribe(services, admin):
    watcher, _ = watch(services, admin)
    answer = watcher.say(action="unsubscribe", installation=True)
    assert answer == [{"type": "unsubscribed", "installation": True}]
    assert watcher.hears(settle(admin)) == []


@pytest.mark.parametrize(
    "words",
    [
        {"action": "subscribe", "installation": False},
        {"action": "subscribe", "installation": "yes"},
        {"action": "subscribe", "installation": True, "team": "a"},
    ],
)
def test_what_cannot_be_understood(services, admin, words):
    (answer,) = Watcher(services, admin.client.token).say(**words)
    assert answer["code"] == "invalid_message"


@pytest.mark.parametrize("after", [-1, 10**400, -(10**400)])
def test_a_line_that_there_never_is_fails_nothing(services, owner, after):
    project = owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()
    services.repositories.push(project["id"], "main", "a" * 40)
    made = owner.client.post(f"/v1/projects/{project['id']}/deployments", {"branch": "main"})
    watcher = Watcher(services, owner.client.token)
    answer = watcher.say(action="subscribe", deployment=made.json()["id"], after=after)
    assert answer[0]["type"] == "subscribed", answer


def test_what_people_change_about_themselves_is_news_of_the_log(api, services, owner):
    """In the log of their own team, for those who may read that: another entry, and no more."""
    viewer = Watcher(services, member(api, owner, "viewer").client.token).watch(owner.team)
    watcher = Watcher(services, owner.client.token).watch(owner.team)
    before = len(viewer.got())

    def rename():
        assert owner.client.patch("/v1/me", {"name": "Grace H."}).status == 200

    (told,) = watcher.hears(rename)
    assert (told["what"], told["id"], told["project"]) == ("audit", owner.team, None)
    assert viewer.got()[before:] == []


def test_of_a_log_that_is_none_nothing_is_told():
    assert change_of({"team": "somebody", "action": "projects.update"}) is None
