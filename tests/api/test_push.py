"""Web push from subscribing to the decrypted message, and who gets none."""

from __future__ import annotations

import socket

import pytest

from chalicelib.core import clock, outbound
from chalicelib.core.config import settings
from chalicelib.identity.rows import UserRow, user_of
from chalicelib.push import rules
from chalicelib.push.actions import telling
from tests.api.pushing import happens, key, project, service, subscribe
from tests.fakes.people import member, person

__all__ = ["key", "project", "service"]


def test_a_message_arrives_and_only_the_browser_can_read_it(owner, service, project, key):
    made = subscribe(owner, service)
    assert made["service"] == "127.0.0.1"
    assert made["events"] == list(rules.EVENTS)
    assert happens(owner, project) == {"taken": 1}
    (told,) = service.messages(key)
    assert (told["title"], told["body"]) == ("site: failed", "main: It ended with 1.")
    assert (told["event"], told["urgency"], told["team"]) == (
        "deployment.failed",
        "high",
        owner.team,
    )
    (_, headers, body) = service.got[0]
    assert b"It ended" not in body
    assert headers["content-encoding"] == "aes128gcm"
    assert int(headers["ttl"]) > 0
    assert len(headers["topic"]) <= 32


def test_the_same_event_is_told_once(owner, service, project):
    subscribe(owner, service)
    assert happens(owner, project, identifier="dpl_1") == {"taken": 1}
    assert happens(owner, project, identifier="dpl_1") == {"told before": 1}
    assert len(service.got) == 1


def test_only_what_was_asked_for(owner, service, project):
    subscribe(owner, service, events=["deployment.ready"])
    assert happens(owner, project, "failed") == {}
    assert happens(owner, project, "ready") == {"taken": 1}


def test_only_of_the_teams_that_were_asked_for(api, owner, service, project):
    somebody = member(api, owner, "viewer")
    subscribe(somebody, service, teams=[somebody.team])
    assert happens(owner, project) == {}
    subscribe(somebody, service, teams=[owner.team])
    assert happens(owner, project) == {"taken": 1}


def test_every_member_is_told_and_nobody_else(api, owner, service, project):
    viewer, stranger = member(api, owner, "viewer"), person(api)
    for name, who in (("owner", owner), ("viewer", viewer), ("stranger", stranger)):
        subscribe(who, service, name)
    assert happens(owner, project) == {"taken": 2}
    assert {path for path, *_ in service.got} == {"/owner", "/viewer"}


def test_a_guest_is_told_of_their_project(api, owner, service, project):
    other = owner.client.post("/v1/projects", {"name": "o", "slug": "other"}).json()["id"]
    guest = person(api)
    owner.client.put(f"/v1/projects/{project}/members/{guest.id}", {"role": "viewer"})
    subscribe(guest, service)
    assert happens(owner, project) == {"taken": 1}
    assert happens(owner, other) == {}


@pytest.mark.parametrize("how", ["logout", "removed", "policy", "suspended"])
def test_who_may_no_more_is_told_no_more(api, owner, service, project, how):
    somebody = member(api, owner, "viewer")
    subscribe(somebody, service)
    assert happens(owner, project) == {"taken": 1}
    if how == "logout":
        somebody.client.post("/v1/auth/logout")
    elif how == "removed":
        owner.client.delete(f"/v1/teams/{owner.team}/members/{somebody.id}")
    elif how == "policy":
        body = {"effect": "deny", "roles": ["viewer"], "actions": ["deployment.read"]}
        owner.client.put(f"/v1/teams/{owner.team}/policies/hidden", body)
    else:
        from chalicelib.identity.rows import UserRow, user_of

        user_of(somebody.id).update(actions=[UserRow.status.set("suspended")])
    assert happens(owner, project) == {}


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_over_is_forgotten(owner, service, project, status):
    subscribe(owner, service)
    service.statuses = [status]
    assert happens(owner, project) == {"gone": 1}
    assert owner.client.get("/v1/me/push").json()["items"] == []
    assert happens(owner, project) == {}


def test_a_service_that_is_busy_is_asked_three_times(owner, service, project):
    subscribe(owner, service)
    service.statuses = [503, 429]
    assert happens(owner, project) == {"taken": 1}
    assert len(service.got) == 3


def test_a_service_that_fails_for_a_week_is_left_alone(owner, service, project, monkeypatch):
    subscribe(owner, service)
    service.statuses = [500] * 3
    assert happens(owner, project) == {"unreachable": 1}
    (item,) = owner.client.get("/v1/me/push").json()["items"]
    assert item["failing_since"] is not None
    assert happens(owner, project) == {"taken": 1}
    (item,) = owner.client.get("/v1/me/push").json()["items"]
    assert item["failing_since"] is None
    service.statuses = [400] * 2
    assert happens(owner, project) == {"refused": 1}
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 8 * 86_400_000)
    assert happens(owner, project) == {"refused": 1}
    monkeypatch.setattr(clock, "now_ms", real)
    assert owner.client.get("/v1/me/push").json()["items"] == []


def test_one_that_is_broken_keeps_no_other_from_being_told(api, owner, service, project):
    subscribe(owner, service, "owner")
    somebody = member(api, owner, "viewer")
    dead = {**service.browser("x").told(), "endpoint": "http://127.0.0.1:1/x"}
    assert somebody.client.post("/v1/me/push", dead).status == 201
    assert happens(owner, project) == {"taken": 1, "unreachable": 1}


def test_who_loses_access_while_others_are_told_is_not_told(
    api, owner, service, project, monkeypatch
):
    """The first message takes a while; until it is gone the second person is removed."""
    monkeypatch.setattr(telling, "_AT_ONCE", 1)
    somebody = member(api, owner, "viewer")
    subscribe(owner, service, "a")
    subscribe(somebody, service, "b")
    deliver = telling.deliver
    left = [owner.id, somebody.id]

    def slow(user, *a, **how):
        left.remove(user)
        for other in left:
            user_of(other).update(actions=[UserRow.status.set("suspended")])
        return deliver(user, *a, **how)

    monkeypatch.setattr(telling, "deliver", slow)
    assert happens(owner, project) == {"taken": 1}
    assert len(service.got) == 1


def test_a_test_message(owner, service, key):
    made = subscribe(owner, service)
    subscribe(owner, service, "b")
    answer = owner.client.post("/v1/me/push/test", {"browser": made["id"]}).json()
    assert answer == {"items": [{"id": made["id"], "outcome": "taken"}]}
    (told,) = service.messages(key)
    assert (told["to"], told["path"]) == ("/a", "/account/notifications")
    assert len(owner.client.post("/v1/me/push/test", {}).json()["items"]) == 2
    absent = owner.client.post("/v1/me/push/test", {"browser": "psh_x"})
    assert absent.code == "browser_not_found"


def test_a_name_that_leads_inside_is_not_asked(owner, service, project, monkeypatch):
    told = {**service.browser().told(), "endpoint": "https://inside.example/a"}
    monkeypatch.setattr(outbound, "settings", settings)
    assert owner.client.post("/v1/me/push", told).status == 201
    real, inside = socket.getaddrinfo, [(2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **n: inside if host == "inside.example" else real(host, *a, **n),
    )
    assert happens(owner, project) == {"refused": 1}


def test_a_project_that_is_gone_is_told_of_no_more(owner, service, project):
    subscribe(owner, service)
    owner.client.post("/v1/auth/step-up", {"password": "correct horse battery"})
    assert owner.client.delete(f"/v1/projects/{project}").status < 300
    assert happens(owner, project) == {}


@pytest.mark.parametrize("letter", ["🚀", "漢", "\ud800", '"'])
def test_every_message_stays_below_3_kb(owner, service, project, key, letter):
    """Whatever letters somebody chose: JSON could escape one into twelve bytes."""
    subscribe(owner, service)
    error = {"code": "build_failed", "message": letter * 5_000}
    assert happens(owner, project, branch=letter * 250, error=error) == {"taken": 1}
    (told,) = service.messages(key)
    assert told["body"].endswith("…")
    assert len(service.got[0][2]) < 3 * 1024
