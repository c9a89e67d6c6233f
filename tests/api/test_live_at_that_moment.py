"""What a connection hears is what its person could read at that moment; and nobody waits for it."""

from __future__ import annotations

import json
import threading

import pytest

from chalicelib.builds.actions import loglines
from chalicelib.core import clock
from chalicelib.identity.rows import ApiKeyRow, SessionRow, api_key_by_id
from chalicelib.live import actions as live
from chalicelib.live import feed, rules
from functions.events import team_changed
from tests.api.test_live_team import Watcher, _patient, deliver, project, rename
from tests.fakes import line
from tests.fakes.people import api_key, member, person

__all__ = ["_patient", "project"]


@pytest.fixture
def deployment(services, owner, project):
    services.repositories.push(project["id"], "main", "a" * 40)
    body = {"branch": "main", "production": True}
    made = owner.client.post(f"/v1/projects/{project['id']}/deployments", body).json()["id"]
    assert line.carry(services, made)["outcome"] == "ok"
    services.bus.events.clear()
    return made


def logs(services, watcher, deployment):
    """What a watcher hears of a new line of the log."""
    before = len(watcher.got())
    loglines.note(deployment, len(watcher.got()) + 50, "a line", "build")
    return watcher.got()[before:]


def end_session(owner, who):
    who.client.post("/v1/auth/logout")


def end_by_time(owner, who):
    from chalicelib.identity.actions import authenticate

    session = authenticate(who.client.token).session
    SessionRow.get(f"SESSION#{session}", "META").update(
        actions=[SessionRow.expires_at.set(clock.epoch() - 1)]
    )


def end_account(owner, who):
    from chalicelib.identity.rows import UserRow, user_of

    user_of(who.id).update(actions=[UserRow.status.set("suspended")])


@pytest.mark.parametrize("end", [end_session, end_by_time, end_account])
def test_an_open_connection_of_a_session_that_ended_gets_nothing(
    api, services, owner, project, deployment, end
):
    somebody = member(api, owner, "developer")
    watcher = Watcher(services, somebody.client.token)
    watcher.say(action="subscribe", deployment=deployment)
    watcher.watch(owner.team)
    end(owner, somebody)
    deliver(services)
    assert logs(services, watcher, deployment) == []
    assert watcher.hears(rename(owner, project)) == []
    for asked in ({"deployment": deployment}, {"team": owner.team}):
        (answer,) = watcher.say(action="subscribe", **asked)
        assert (answer["type"], answer["code"]) == ("error", "token_revoked")


def test_a_key_that_is_over_hears_nothing(services, owner, project, deployment, monkeypatch):
    token = api_key(owner).token
    watcher = Watcher(services, token).watch(owner.team)
    watcher.say(action="subscribe", deployment=deployment)
    key = api_key_by_id(live.actor_of(watcher.connection).id)
    key.update(actions=[ApiKeyRow.expires_at.set(clock.epoch() + 600)])
    watcher.say(action="unsubscribe", team=owner.team)
    watcher.say(action="unsubscribe", deployment=deployment)
    watcher.watch(owner.team)
    watcher.say(action="subscribe", deployment=deployment)
    assert logs(services, watcher, deployment)
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda seconds=0: real(seconds) + 601)
    assert logs(services, watcher, deployment) == []
    assert watcher.hears(rename(owner, project)) == []
    (answer,) = watcher.say(action="subscribe", team=owner.team)
    assert answer["code"] == "token_revoked"


def test_a_policy_that_comes_later_ends_a_log_that_is_watched(
    api, services, owner, project, deployment
):
    viewer = Watcher(services, member(api, owner, "viewer").client.token)
    viewer.say(action="subscribe", deployment=deployment)
    assert logs(services, viewer, deployment)
    body = {"effect": "deny", "roles": ["viewer"], "actions": ["deployment.read"]}
    assert owner.client.put(f"/v1/teams/{owner.team}/policies/hidden", body).status == 200
    assert logs(services, viewer, deployment) == []


def test_of_a_deployment_that_a_policy_hides_not_even_the_id_is_told(
    api, services, owner, project, deployment
):
    body = {
        "effect": "deny",
        "roles": ["viewer"],
        "actions": ["deployment.read"],
        "conditions": {"environment": ["production"]},
    }
    assert owner.client.put(f"/v1/teams/{owner.team}/policies/hidden", body).status == 200
    viewer = member(api, owner, "viewer")
    assert viewer.client.get(f"/v1/deployments/{deployment}").status in {403, 404}
    watcher = Watcher(services, viewer.client.token).watch(owner.team)
    at = "2026-01-01T00:00:00.000Z"
    for what in ("deployment", "pointer", "supply"):
        change = rules.Change(owner.team, project["id"], what, deployment, at)
        assert team_changed.handler({"detail": vars(change)}, None) == {"told": 0}
    assert deployment not in json.dumps(watcher.got())


def test_an_id_of_another_teams_deployment_is_told_nobody(api, services, owner, deployment):
    stranger = person(api)
    Watcher(services, stranger.client.token).watch(stranger.team)
    change = rules.Change(stranger.team, "", "deployment", deployment, "2026-01-01T00:00:00.000Z")
    assert team_changed.handler({"detail": vars(change)}, None) == {"told": 0}


def test_one_person_does_not_keep_out_all_others(api, services, owner, monkeypatch):
    monkeypatch.setattr(rules, "WATCHERS_OF_ONE", 2)
    greedy = member(api, owner, "viewer")
    for _ in range(2):
        Watcher(services, greedy.client.token).watch(owner.team)
    (answer,) = Watcher(services, greedy.client.token).say(action="subscribe", team=owner.team)
    assert answer["code"] == "too_many_watchers"
    Watcher(services, owner.client.token).watch(owner.team)


def test_to_subscribe_again_takes_no_room(services, owner, monkeypatch):
    monkeypatch.setattr(rules, "WATCHERS", 1)
    monkeypatch.setattr(rules, "SUBSCRIPTIONS", 1)
    watcher = Watcher(services, owner.client.token).watch(owner.team)
    watcher.watch(owner.team)


def test_a_team_is_let_go_by_the_name_it_was_asked_for(services, owner, project):
    slug = owner.client.get(f"/v1/teams/{owner.team}").json()["slug"]
    watcher = Watcher(services, owner.client.token).watch(slug)
    watcher.say(action="unsubscribe", team=slug)
    assert watcher.hears(rename(owner, project)) == []


def test_watchers_that_hang_hold_up_no_deployment(services, owner, deployment, monkeypatch):
    for _ in range(12):
        Watcher(services, owner.client.token).say(action="subscribe", deployment=deployment)
    monkeypatch.setattr(live, "SECONDS", 0.2)
    hangs, began, over = threading.Event(), [], []

    def hang(*_):
        began.append(True)
        over.append(hangs.wait(60))

    monkeypatch.setattr(services.live, "send", hang)
    loglines.note(deployment, 70, "a line", "build")
    assert over == [], "nobody waited for them"
    assert began
    hangs.set()


def test_long_lines_come_in_messages_that_are_taken(services, owner, deployment):
    texts = ["é" * 20_000, "x" * 20_000, "\x01" * 20_000] * 5
    loglines.say(deployment, 7, 1, texts, "build", "info")
    watcher = Watcher(services, owner.client.token)
    got = watcher.say(action="subscribe", deployment=deployment, after=7_000_000)
    parts = [m for m in got if m["type"] == "log"]
    assert len(parts) > 1
    for part in parts:
        assert len(json.dumps(part, ensure_ascii=False).encode()) < 128 * 1024
    lines = [one for part in parts for one in part["lines"] if one["n"] < 8_000_000]
    assert [one["text"] for one in lines] == texts


def test_nothing_more_is_read_for_one_who_hung_up(services, owner, deployment, monkeypatch):
    watcher = Watcher(services, owner.client.token)
    services.live.gone.add(watcher.connection)
    reads = []
    after = loglines.after
    monkeypatch.setattr(loglines, "after", lambda *a: reads.append(a) or after(*a))
    watcher.say(action="subscribe", deployment=deployment)
    assert len(reads) == 1


def test_the_feed_needs_no_more_than_ids(services, owner, project):
    """Names that somebody chose are told nobody, whatever the log has of them."""
    entry = {"team": owner.team, "action": "projects.put_variable", "resource": "SECRET_NAME"}
    change = rules.change_of({**entry, "of": project["id"]})
    assert change is not None
    assert "SECRET_NAME" not in json.dumps(change.message())
    assert feed.KIND == "team.changed"
