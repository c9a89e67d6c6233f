"""Passkeys with a software authenticator: real CBOR, COSE and ES256, and everything that lies."""

from __future__ import annotations

import dataclasses
import json
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core import config, console
from chalicelib.identity import rows
from tests.api.test_second_factor import later  # noqa: F401  # a fixture
from tests.fakes.authenticator import Authenticator, b64, unb64
from tests.fakes.factors import enrol_app, enrol_passkey, log_in
from tests.fakes.people import person


@pytest.fixture
def no_console():
    """This process has not heard of a console, and forgets what it hears."""
    console._known.clear()
    yield
    console._known.clear()


def half(api, of):
    """The challenge after the password."""
    return log_in(api, of).json()["challenge"]


def answered(api, challenge, credential):
    return api.post(
        "/v1/auth/mfa",
        {"challenge": challenge["id"], "method": "passkey", "credential": credential},
    )


def alone(api, device, **lies):
    """Sign in with nothing but the passkey."""
    asked = api.post("/v1/auth/passkey/options").json()
    credential = device.get(asked["options"], **lies)
    return api.post("/v1/auth/passkey", {"challenge": asked["challenge"], "credential": credential})


def test_options_name_person_and_page(owner):
    options = owner.client.post("/v1/me/factors/passkeys/options").json()["options"]
    assert options["rp"] == {"name": "CloudDeck", "id": "localhost"}
    assert unb64(options["user"]["id"]).decode() == owner.id
    assert options["user"]["name"] == owner.email
    assert options["attestation"] == "none"
    assert len(unb64(options["challenge"])) == 32


def test_a_passkey_is_a_second_factor(api, owner):
    device, made = enrol_passkey(owner)
    assert len(made["recovery_codes"]) == 10
    challenge = half(api, owner)
    assert challenge["methods"] == ["passkey", "recovery"]
    assert [c["id"] for c in challenge["options"]["allowCredentials"]] == [b64(device.credential)]
    answer = answered(api, challenge, device.get(challenge["options"]))
    assert answer.status == 200, answer.text
    assert answered(api, challenge, device.get(challenge["options"])).code == "challenge_over"


def test_a_passkey_alone_signs_in_as_two_factors(api, owner):
    from chalicelib.identity.actions import authenticate

    device, _ = enrol_passkey(owner)
    answer = alone(api, device)
    assert answer.status == 200, answer.text
    assert answer.json()["challenge"] is None
    assert authenticate(answer.json()["access_token"]).mfa_at > 0


def test_the_passkey_of_one_is_not_the_passkey_of_another(api, owner):
    other = person(api)
    mine, _ = enrol_passkey(owner)
    theirs, _ = enrol_passkey(other)
    challenge = half(api, owner)
    assert answered(api, challenge, theirs.get(challenge["options"])).code == "factor_failed"
    forged = Authenticator(credential=mine.credential, user=mine.user)  # right name, own key
    assert answered(api, challenge, forged.get(challenge["options"])).code == "factor_failed"
    assert alone(api, forged).code == "factor_failed"
    assert alone(api, mine, user=theirs.user).code == "factor_failed"


LIES = {
    "origin": {"origin": "https://localhost.evil.example"},
    "origin with another port": {"origin": "http://localhost:9090"},
    "origin with a slash": {"origin": "http://localhost:8080/"},
    "host": {"rp": "evil.example"},
    "challenge": {"challenge": b64(bytes(32))},
    "no challenge": {"challenge": ""},
    "type": {"type": "webauthn.create"},
    "frame": {"cross_origin": True},
    "absent": {"present": False},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_what_was_signed_elsewhere_is_refused(api, owner, lie):
    device, _ = enrol_passkey(owner)
    challenge = half(api, owner)
    wrong = answered(api, challenge, device.get(challenge["options"], **lie))
    assert (wrong.status, wrong.code) == (401, "factor_failed")
    refused = alone(api, device, **lie)
    assert (refused.status, refused.code) == (401, "factor_failed")
    # the same device, telling the truth
    assert answered(api, challenge, device.get(challenge["options"])).status == 200


@pytest.mark.parametrize("lie", [LIES[n] for n in LIES if n not in {"type"}])
def test_what_was_made_elsewhere_is_refused(owner, lie):
    options = owner.client.post("/v1/me/factors/passkeys/options").json()["options"]
    credential = Authenticator().create(options, **lie)
    answer = owner.client.post("/v1/me/factors/passkeys", {"name": "x", "credential": credential})
    assert (answer.status, answer.code) == (422, "passkey_refused")
    assert owner.client.get("/v1/me/factors").json()["items"] == []


def test_alone_needs_a_person_who_was_verified(api, owner):
    device, _ = enrol_passkey(owner)
    assert alone(api, device, verified=False).code == "factor_failed"
    challenge = half(api, owner)  # after a password, presence is enough
    answer = answered(api, challenge, device.get(challenge["options"], verified=False))
    assert answer.status == 200


def test_a_counter_that_does_not_rise_is_a_copy(api, owner):
    device, _ = enrol_passkey(owner)
    assert alone(api, device).status == 200
    copy = dataclasses.replace(device)
    assert alone(api, device).status == 200
    assert alone(api, copy).code == "factor_failed"
    assert alone(api, device, counter=0).code == "factor_failed"


def test_a_device_that_does_not_count_is_fine(api, owner):
    device, _ = enrol_passkey(owner, Authenticator(counts=False))
    assert [alone(api, device).status for _ in range(3)] == [200] * 3


def test_a_challenge_of_one_purpose_is_none_of_another(api, owner):
    device, _ = enrol_passkey(owner)
    asked = api.post("/v1/auth/passkey/options").json()
    credential = device.get(asked["options"])
    as_second = api.post(
        "/v1/auth/mfa",
        {"challenge": asked["challenge"], "method": "passkey", "credential": credential},
    )
    assert as_second.code == "challenge_over"
    challenge = half(api, owner)
    as_first = api.post(
        "/v1/auth/passkey",
        {"challenge": challenge["id"], "credential": device.get(challenge["options"])},
    )
    assert as_first.code == "challenge_over"


def test_a_challenge_of_a_passkey_takes_one_answer(api, owner):
    device, _ = enrol_passkey(owner)
    asked = api.post("/v1/auth/passkey/options").json()
    body = {"challenge": asked["challenge"], "credential": device.get(asked["options"], rp="no")}
    assert api.post("/v1/auth/passkey", body).code == "factor_failed"
    body["credential"] = device.get(asked["options"])
    assert api.post("/v1/auth/passkey", body).code == "challenge_over"


def test_options_are_good_for_five_minutes(api, owner, later):  # noqa: F811
    device, _ = enrol_passkey(owner)
    asked = api.post("/v1/auth/passkey/options").json()
    later(301)
    body = {"challenge": asked["challenge"], "credential": device.get(asked["options"])}
    assert api.post("/v1/auth/passkey", body).code == "challenge_over"


def test_a_registration_is_good_once_and_for_its_session(api, owner):
    options = owner.client.post("/v1/me/factors/passkeys/options").json()["options"]
    device = Authenticator()
    body = {"name": "x", "credential": device.create(options)}
    stranger = person(api)
    assert stranger.client.post("/v1/me/factors/passkeys", body).code == "challenge_over"
    assert owner.client.post("/v1/me/factors/passkeys", body).status == 201
    assert owner.client.post("/v1/me/factors/passkeys", body).code == "challenge_over"


def test_one_passkey_belongs_to_one_account(api, owner):
    device, _ = enrol_passkey(owner)
    other = person(api)
    options = other.client.post("/v1/me/factors/passkeys/options").json()["options"]
    body = {"name": "x", "credential": device.create(options)}
    answer = other.client.post("/v1/me/factors/passkeys", body)
    assert (answer.status, answer.code) == (409, "factor_exists")
    assert other.client.get("/v1/me/factors").json()["items"] == []
    assert rows.user_of(other.id).factors == 0


def test_a_removed_passkey_opens_nothing_and_can_be_added_again(api, owner):
    enrol_app(owner)
    device, made = enrol_passkey(owner)
    assert owner.client.delete(f"/v1/me/factors/{made['id']}").status == 204
    assert alone(api, device).code == "factor_failed"
    assert enrol_passkey(owner, device)[1]["recovery_codes"] == []


def test_a_passkey_that_is_known_is_not_offered_again(owner):
    device, _ = enrol_passkey(owner)
    options = owner.client.post("/v1/me/factors/passkeys/options").json()["options"]
    assert [c["id"] for c in options["excludeCredentials"]] == [b64(device.credential)]
    assert options["excludeCredentials"][0]["transports"] == ["internal", "hybrid"]


def test_a_suspended_person_stays_out(api, owner):
    device, _ = enrol_passkey(owner)
    rows.user_named(owner.id).update(actions=[rows.UserRow.status.set("suspended")])
    answer = alone(api, device)
    assert (answer.status, answer.code) == (403, "account_suspended")


def test_without_tls_there_are_no_passkeys(api, owner, monkeypatch):
    from chalicelib.identity.actions import ceremonies

    plain = dataclasses.replace(config.settings(), api_url="http://10.0.0.5:8080")
    monkeypatch.setattr(ceremonies, "settings", lambda: plain)
    for client, path in (
        (owner.client, "/v1/me/factors/passkeys/options"),
        (api, "/v1/auth/passkey/options"),
    ):
        answer = client.post(path)
        assert (answer.status, answer.code) == (409, "passkeys_unavailable")


def test_the_console_is_the_page(api, owner, monkeypatch, no_console):
    from chalicelib.identity.actions import ceremonies

    hosted = dataclasses.replace(config.settings(), api_url="https://api.x.example")
    monkeypatch.setattr(ceremonies, "settings", lambda: hosted)
    console.tell("https://deck.example/app/")  # as an installer does
    device, _ = enrol_passkey(owner, Authenticator("https://deck.example", "deck.example"))
    assert alone(api, device).status == 200
    assert alone(api, device, origin="https://api.x.example").code == "factor_failed"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text("AQa_-=. é", max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.sampled_from([("id",), ("rawId",), ("type",), ("response",),
                             ("response", "clientDataJSON"), ("response", "authenticatorData"),
                             ("response", "signature"), ("response", "userHandle")]),
       value=JSON | st.binary(max_size=80).map(b64))  # fmt: skip
def test_no_credential_breaks_the_parser(api, owner, path, value):
    device = _device(owner)
    asked = api.post("/v1/auth/passkey/options").json()
    credential = device.get(asked["options"])
    place = credential
    for name in path[:-1]:
        place = place[name]
    if place[path[-1]] == value:
        return
    place[path[-1]] = value
    answer = api.post(
        "/v1/auth/passkey", {"challenge": asked["challenge"], "credential": credential}
    )
    assert answer.status in {400, 401, 422}, answer.text


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=st.integers(0, 10_000), bit=st.integers(0, 7), field=st.sampled_from(
    ["authenticatorData", "signature", "clientDataJSON"]))  # fmt: skip
def test_one_flipped_bit_is_enough(api, owner, where, bit, field):
    device = _device(owner)
    asked = api.post("/v1/auth/passkey/options").json()
    credential = device.get(asked["options"])
    raw = bytearray(unb64(credential["response"][field]))
    raw[where % len(raw)] ^= 1 << bit
    credential["response"][field] = b64(bytes(raw))
    answer = api.post(
        "/v1/auth/passkey", {"challenge": asked["challenge"], "credential": credential}
    )
    assert answer.status == 401, (field, where, bit, answer.text)


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(where=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_no_attestation_breaks_the_parser(owner, where, byte):
    owner.client.headers["X-Case"] = secrets.token_hex(2)
    options = owner.client.post("/v1/me/factors/passkeys/options").json()["options"]
    credential = Authenticator().create(options)
    raw = bytearray(unb64(credential["response"]["attestationObject"]))
    place = where % len(raw)
    same = raw[place] == byte
    raw[place] = byte
    credential["response"]["attestationObject"] = b64(bytes(raw))
    body = {"name": "x", "credential": credential}
    answer = owner.client.post("/v1/me/factors/passkeys", body)
    assert answer.status in {201, 409, 422}, answer.text
    assert not same or answer.status != 422
    if answer.status == 201:  # a byte of the id or the key, which nobody else vouches for
        assert owner.client.delete(f"/v1/me/factors/{answer.json()['id']}").status == 204


def test_a_credential_has_a_greatest_length(api):
    asked = api.post("/v1/auth/passkey/options").json()
    body = {"challenge": asked["challenge"], "credential": {"id": "A" * 70_000}}
    answer = api.post("/v1/auth/passkey", body)
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert len(json.dumps(answer.json())) < 1000


_devices: dict[str, Authenticator] = {}


def _device(of):
    if of.id not in _devices:
        _devices[of.id] = enrol_passkey(of)[0]
    return _devices[of.id]
