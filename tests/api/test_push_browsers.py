"""Browsers that subscribe to web push: whose they are, how many, and where messages may go."""

from __future__ import annotations

import pytest

from chalicelib.push import rows, rules
from chalicelib.push.actions import browsers
from tests.api.pushing import happens, key, project, service, subscribe
from tests.fakes.people import member, person
from tests.fakes.push_service import PushService

__all__ = ["key", "project", "service"]


def test_a_team_that_is_not_theirs(api, owner, service):
    stranger = person(api)
    told = {**service.browser().told(), "teams": [owner.team]}
    assert stranger.client.post("/v1/me/push", told).code == "team_not_found"


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
