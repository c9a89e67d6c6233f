"""Signing in a device without a browser, through the whole API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core import clock
from tests.fakes.factors import enrol_app
from tests.fakes.people import api_key, person


@pytest.fixture
def later(monkeypatch):
    """Moves the clock."""
    real, real_ms, shift = clock.epoch, clock.now_ms, [0.0]
    monkeypatch.setattr(clock, "epoch", lambda more=0: int(real(more) + shift[0]))
    monkeypatch.setattr(clock, "now_ms", lambda: int(real_ms() + shift[0] * 1000))

    def move(seconds):
        shift[0] += seconds

    return move


def begin(api, name="Ada's laptop"):
    answer = api.post("/v1/auth/device", {"name": name})
    assert answer.status == 200, answer.text
    return answer.json()


def poll(api, device):
    return api.post("/v1/auth/device/token", {"device_code": device["device_code"]})


def decide(client, device, verb):
    return client.post(f"/v1/me/device/{device['user_code']}/{verb}")


def test_a_device_is_signed_in_as_whoever_approves(api, owner):
    device = begin(api)
    assert (device["expires_in"], device["interval"]) == (900, 5)
    assert device["verification_uri_complete"].endswith(f"?code={device['user_code']}")
    assert poll(api, device).code == "authorization_pending"
    seen = owner.client.get(f"/v1/me/device/{device['user_code'].lower()}").json()
    assert (seen["name"], seen["ip"], seen["state"]) == ("Ada's laptop", "192.0.2.1", "pending")
    assert decide(owner.client, device, "approve").status == 200
    signed_in = poll(api, device)
    assert signed_in.status == 200, signed_in.text
    me = api.with_token(signed_in.json()["access_token"]).get("/v1/me").json()
    assert me["user"]["id"] == owner.id
    assert poll(api, device).code == "expired_token"


def test_who_polls_too_often_has_to_slow_down(api, later):
    device = begin(api)
    assert poll(api, device).code == "authorization_pending"
    assert poll(api, device).code == "slow_down"  # from now on every ten seconds
    later(6)
    assert poll(api, device).code == "slow_down"  # fifteen
    later(15)
    assert poll(api, device).code == "authorization_pending"
    assert all(poll(api, device).status == 400 for _ in range(2))


def test_a_refusal(api, owner):
    device = begin(api)
    assert decide(owner.client, device, "deny").status == 200
    assert poll(api, device).code == "access_denied"
    assert poll(api, device).code == "expired_token"


def test_a_code_is_decided_about_once(api, owner):
    device = begin(api)
    assert decide(owner.client, device, "approve").status == 200
    stranger = person(api)
    for verb in ("approve", "deny"):
        assert decide(stranger.client, device, verb).code == "user_code_not_found"


def test_two_people_at_once_decide_once(api):
    device, people = begin(api), [person(api) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: decide(one.client, device, "approve"), people))
    assert sorted(a.status for a in answers)[0] == 200
    assert sum(a.status == 200 for a in answers) == 1
    assert {a.code for a in answers} <= {"", "device_decided", "user_code_not_found"}


def test_twenty_polls_at_once_give_one_session(api, owner, database):
    device = begin(api)
    decide(owner.client, device, "approve")
    before = _sessions(database)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: poll(api, device), range(20)))
    assert sorted(a.status for a in answers) == [200] + [400] * 19
    assert _sessions(database) == before + 1


def test_codes_end_after_a_quarter_of_an_hour(api, owner, later):
    device = begin(api)
    later(901)
    assert poll(api, device).code == "expired_token"
    seen = owner.client.get(f"/v1/me/device/{device['user_code']}")
    assert (seen.status, seen.code) == (404, "user_code_not_found")


@pytest.mark.parametrize("code", ["BCDF-GHJK", "x", "BCDFGHJK1", "AAAA-AAAA"])
def test_unknown_codes(api, owner, code):
    assert owner.client.get(f"/v1/me/device/{code}").code == "user_code_not_found"
    assert poll(api, {"device_code": code}).code == "expired_token"


def test_an_approval_ends_with_the_session_that_gave_it(api, later):
    """Whoever steals a session cannot keep a way in over its end, or over a new password."""
    from chalicelib.identity.actions import end_sessions

    for end in (
        lambda one: one.client.post("/v1/auth/logout"),
        lambda one: end_sessions(one.id, "password_reset"),
    ):
        somebody, device = person(api), begin(api)
        assert decide(somebody.client, device, "approve").status == 200
        end(somebody)
        assert poll(api, device).code == "expired_token"


def test_a_key_makes_no_session(api, owner):
    device, key = begin(api), api_key(owner)
    for answer in (
        key.get(f"/v1/me/device/{device['user_code']}"),
        decide(key, device, "approve"),
        decide(key, device, "deny"),
    ):
        assert (answer.status, answer.code) == (403, "session_required")


def test_approving_asks_for_a_fresh_proof(api, owner, later):
    later(3600)
    device = begin(api)
    assert decide(owner.client, device, "approve").code == "step_up_required"


def test_who_has_a_second_factor_passes_it_on_or_is_asked_for_it(api, owner):
    """A session that never proved a factor makes none that has."""
    device = begin(api)
    assert decide(owner.client, device, "approve").status == 200
    enrol_app(owner)
    answer = poll(api, device).json()
    assert answer["access_token"] is None
    assert "totp" in answer["challenge"]["methods"]


def test_no_code_lies_in_the_database(api, database):
    device = begin(api)
    assert device["device_code"] not in str(database.scan(TableName="test-core")["Items"])


def test_names_of_devices_are_names(api):
    for name in ("", "x" * 101, "a\u202eb", "a\x00b"):
        assert api.post("/v1/auth/device", {"name": name}).status == 422


def _sessions(database):
    rows = database.scan(TableName="test-core")["Items"]
    return sum(row["pk"]["S"].startswith("SESSION#") for row in rows)
