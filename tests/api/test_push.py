"""Web push from subscribing to the decrypted message, and who gets none."""

from __future__ import annotations

import secrets
import socket
from dataclasses import replace

import pytest

from chalicelib.core import clock, outbound
from chalicelib.core.config import settings
from chalicelib.identity.rows import UserRow, user_of
from chalicelib.push import rows, rules
from chalicelib.push.actions import browsers, sending, telling
from functions.events import push_due
from tests.fakes.people import member, person
from tests.fakes.push_service import PushService


@pytest.fixture
def service(monkeypatch):
    private = replace(settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    monkeypatch.setattr(sending, "_PAUSES", (0.0, 0.0))
    made = PushService()
    yield made
    made.close()


@pytest.fixture
def project(owner):
    return owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()["id"]


@pytest.fixture
def key(api):
    return api.get("/v1/push/key").json()["key"]


def subscribe(who, service, name="a", **wishes):
    answer = who.client.post("/v1/me/push", {**service.browser(name).told(), **wishes})
    assert answer.status == 201, answer.text
    return answer.json()


def happens(owner, project, state="failed", identifier=None, **more):
    """A deployment of the project ended."""
    deployment = identifier or f"dpl_{secrets.token_hex(13)}"
    detail = {
        "version": 1,
        "deployment": deployment,
        "project": project,
        "team": owner.team,
        "state": state,
        "target": "production",
        "environment": "production",
        "branch": "main",
        "error": {"code": "build_failed", "message": "It ended with 1."},
        **more,
    }
    event = {"id": secrets.token_hex(4), "detail-type": "deployment.finished", "detail": detail}
    return push_due.handler(event, None)


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


def test_a_team_that_is_not_theirs(api, owner, service):
    stranger = person(api)
    told = {**service.browser().told(), "teams": [owner.team]}
    assert stranger.client.post("/v1/me/push", told).code == "team_not_found"


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


def test_a_browser_is_whose_it_is_now(api, owner, service, project):
    subscribe(owner, service, "shared")
    somebody = member(api, owner, "viewer")
    told = service.browsers["/shared"].told()
    assert somebody.client.post("/v1/me/push", told).status == 201
    assert owner.client.get("/v1/me/push").json()["items"] == []
    assert happens(owner, project) == {"taken": 1}


def test_who_has_seen_an_endpoint_takes_it_from_nobody(api, owner, service, project):
    subscribe(owner, service, "mine")
    thief = member(api, owner, "viewer")
    stolen = {**service.browser("other").told(), "endpoint": service.browsers["/mine"].endpoint}
    refused = thief.client.post("/v1/me/push", stolen)
    assert (refused.status, refused.code) == (409, "endpoint_taken")
    assert happens(owner, project) == {"taken": 1}


def test_one_without_room_takes_nobodys_browser(api, owner, service, project, monkeypatch):
    subscribe(owner, service, "shared")
    somebody = member(api, owner, "viewer")
    monkeypatch.setattr(rules, "MOST_BROWSERS", 0)
    told = service.browsers["/shared"].told()
    assert somebody.client.post("/v1/me/push", told).code == "too_many_browsers"
    assert happens(owner, project) == {"taken": 1}


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


def test_subscribing_again_changes_the_wishes_and_keeps_the_browser(owner, service):
    first = subscribe(owner, service)
    told = service.browsers["/a"].told()
    changed = owner.client.post("/v1/me/push", {**told, "events": ["domain.failed"]}).json()
    assert (changed["id"], changed["events"]) == (first["id"], ["domain.failed"])
    kept = owner.client.post("/v1/me/push", told).json()
    assert kept["events"] == ["domain.failed"]
    (item,) = owner.client.get("/v1/me/push").json()["items"]
    assert item["current"] is True


def test_removing(api, owner, service, project):
    made = subscribe(owner, service)
    path = f"/v1/me/push/{made['id']}"
    assert person(api).client.delete(path).code == "browser_not_found"
    assert owner.client.delete(path).status == 204
    assert owner.client.delete(path).code == "browser_not_found"
    assert happens(owner, project) == {}


def test_ten_browsers_of_which_those_signed_out_make_room(api, owner, service, monkeypatch):
    monkeypatch.setattr(rules, "MOST_BROWSERS", 2)
    again = api.post("/v1/auth/login", {"email": owner.email, "password": "correct horse battery"})
    elsewhere = api.with_token(again.json()["access_token"])
    assert elsewhere.post("/v1/me/push", service.browser("a").told()).status == 201
    subscribe(owner, service, "b")
    full = owner.client.post("/v1/me/push", service.browser("c").told())
    assert (full.status, full.code) == (409, "too_many_browsers")
    elsewhere.post("/v1/auth/logout")
    subscribe(owner, service, "c")
    assert len(owner.client.get("/v1/me/push").json()["items"]) == 2


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


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/a",
        "https://127.0.0.1/a",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/a",
        "https://user:secret@push.example.com/a",
        "https://push.example.com/a#b",
        "https://push.example.com:22/a",
        "https://[::ffff:10.0.0.1]/a",
        "https://[64:ff9b::a00:1]/a",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "push.example.com",
        "https://push.example.com/ä",
    ],
)
def test_endpoints_that_are_no_push_service(api, owner, endpoint):
    made = PushService()
    made.close()
    answer = owner.client.post("/v1/me/push", {**made.browser().told(), "endpoint": endpoint})
    assert (answer.status, answer.code) == (422, "endpoint_not_allowed")


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


@pytest.mark.parametrize(
    "keys",
    [
        {"p256dh": "AAAA", "auth": "A" * 22},
        {"p256dh": "not base64!", "auth": "A" * 22},
        {"p256dh": "B" + "A" * 86, "auth": "A" * 22},
    ],
)
def test_keys_that_are_none(owner, service, keys):
    told = {"endpoint": service.browser().endpoint, "keys": keys}
    answer = owner.client.post("/v1/me/push", told)
    assert (answer.status, answer.code) == (422, "push_keys_invalid")


def test_an_unknown_event(owner, service):
    told = {**service.browser().told(), "events": ["everything"]}
    assert owner.client.post("/v1/me/push", told).status == 422


def test_what_is_kept_of_a_browser_is_told_nobody(owner, service):
    subscribe(owner, service)
    told = owner.client.get("/v1/me/push").text
    kept = service.browsers["/a"].told()
    for hidden in (kept["keys"]["auth"], kept["keys"]["p256dh"], kept["endpoint"]):
        assert hidden not in told


def test_the_key_is_the_same_for_everybody_and_always(api, owner, key):
    assert owner.client.get("/v1/push/key").json()["key"] == key
    assert len(key) == 87


def test_two_at_once_lose_neither(owner, service, monkeypatch):
    """The row is written by one at a time: whoever was slower reads again."""
    real, raced = browsers.rows.save, []

    def save(row, found):
        if not raced:
            raced.append(True)
            subscribe(owner, service, "other")
        return real(row, found)

    monkeypatch.setattr(browsers.rows, "save", save)
    subscribe(owner, service, "mine")
    assert len(owner.client.get("/v1/me/push").json()["items"]) == 2


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


def test_who_forgets_a_browser_late_leaves_it_to_whoever_has_it_now(
    api, owner, service, monkeypatch
):
    """Somebody else takes the endpoint between the two writes with which it is forgotten."""
    other = person(api)
    made = subscribe(owner, service)
    drop = rows.drop

    def late(*wanted):
        monkeypatch.setattr(rows, "drop", drop)
        subscribe(other, service)
        drop(*wanted)

    monkeypatch.setattr(rows, "drop", late)
    assert owner.client.delete(f"/v1/me/push/{made['id']}").status == 204
    known = rows.owner_of(service.browser("a").told()["endpoint"])
    assert known is not None
    assert known.owner == other.id


@pytest.mark.parametrize("same", [True, False])
def test_two_people_at_one_endpoint_at_once_are_not_both_told_there(
    api, owner, service, monkeypatch, same
):
    """The other subscribes after this one has seen that the endpoint is nobody's."""
    other = person(api)
    mine = service.browser().told()
    theirs = mine if same else service.browser().told()
    change = browsers._change

    def late(*wanted):
        monkeypatch.setattr(browsers, "_change", change)
        assert other.client.post("/v1/me/push", theirs).status == 201
        change(*wanted)

    monkeypatch.setattr(browsers, "_change", late)
    answer = owner.client.post("/v1/me/push", mine)
    assert (answer.status, answer.code) == ((201, "") if same else (409, "endpoint_taken"))
    told = [len(one.client.get("/v1/me/push").json()["items"]) for one in (owner, other)]
    assert told == ([1, 0] if same else [0, 1])
