"""Fresh proof for what can do harm, through the whole API."""

from __future__ import annotations

import pytest

from tests.api.test_second_factor import later  # noqa: F401  # a fixture
from tests.fakes.factors import enrol_app, enrol_passkey, log_in
from tests.fakes.people import PASSWORD, api_key

ASKING = ("POST", "/v1/me/factors/totp")


@pytest.fixture
def stale(owner, later):  # noqa: F811
    """Somebody who signed in eleven minutes ago."""
    later(11 * 60)
    return owner


def test_ten_minutes_are_fresh_and_no_more(owner, later):  # noqa: F811
    later(10 * 60 - 5)
    assert owner.client.call(*ASKING).status == 200
    later(10)
    answer = owner.client.call(*ASKING)
    assert (answer.status, answer.code) == (401, "step_up_required")
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_user_authentication"' in challenge
    assert 'max_age="600"' in challenge


def test_the_password_steps_up_without_a_factor(stale):
    assert stale.client.post("/v1/auth/step-up/options").json() == {
        "methods": ["password"],
        "options": None,
    }
    answer = stale.client.post("/v1/auth/step-up", {"password": PASSWORD})
    assert answer.status == 200, answer.text
    assert answer.json()["proved_until"].endswith("Z")
    assert stale.client.call(*ASKING).status == 200


def test_a_wrong_password_does_not(stale):
    answer = stale.client.post("/v1/auth/step-up", {"password": "not it, really"})
    assert (answer.status, answer.code) == (401, "password_wrong")
    assert "invalid_token" not in answer.headers["WWW-Authenticate"]
    assert stale.client.call(*ASKING).code == "step_up_required"
    nothing = stale.client.post("/v1/auth/step-up", {})
    assert (nothing.status, nothing.code) == (422, "password_needed")


def test_guessing_at_a_step_up_is_locked(stale):
    for _ in range(10):
        stale.client.post("/v1/auth/step-up", {"password": "not it, really"})
    answer = stale.client.post("/v1/auth/step-up", {"password": PASSWORD})
    assert (answer.status, answer.code) == (429, "too_many_attempts")


def test_with_a_factor_the_password_is_not_enough(owner, later):  # noqa: F811
    app, _ = enrol_app(owner)
    later(11 * 60)
    answer = owner.client.post("/v1/auth/step-up", {"password": PASSWORD})
    assert (answer.status, answer.code) == (422, "factor_needed")
    asked = owner.client.post("/v1/auth/step-up/options").json()
    assert asked["methods"] == ["totp", "recovery"]
    wrong = owner.client.post("/v1/auth/step-up", {"method": "totp", "code": "000000"})
    assert wrong.code == "factor_failed"
    right = owner.client.post("/v1/auth/step-up", {"method": "totp", "code": app.code()})
    assert right.status == 200, right.text
    assert owner.client.call(*ASKING).status == 200


def test_a_session_from_before_the_factor_has_to_prove_the_factor(api, owner):
    elsewhere = api.with_token(log_in(api, owner).json()["access_token"])
    assert elsewhere.call(*ASKING).status == 200
    app, _ = enrol_app(owner)
    for method, path in (ASKING, ("DELETE", f"/v1/me/factors/{app.id}")):
        assert elsewhere.call(method, path).code == "step_up_required"


def test_a_recovery_code_steps_up_once(owner, later):  # noqa: F811
    _, codes = enrol_app(owner)
    later(11 * 60)
    body = {"method": "recovery", "code": codes[0]}
    assert owner.client.post("/v1/auth/step-up", body).status == 200
    assert owner.client.post("/v1/auth/step-up", body).code == "factor_failed"


def test_a_passkey_steps_up(owner, later):  # noqa: F811
    device, _ = enrol_passkey(owner)
    later(11 * 60)
    without = owner.client.post(
        "/v1/auth/step-up", {"method": "passkey", "credential": {"id": "x"}}
    )
    assert without.code == "challenge_over"  # nobody asked for options
    options = owner.client.post("/v1/auth/step-up/options").json()["options"]
    body = {"method": "passkey", "credential": device.get(options)}
    assert owner.client.post("/v1/auth/step-up", body).status == 200
    assert owner.client.post("/v1/auth/step-up", body).code == "challenge_over"
    assert owner.client.call(*ASKING).status == 200


def test_a_passkey_that_can_verify_has_to_for_a_step_up(owner, later):  # noqa: F811
    device, _ = enrol_passkey(owner)
    later(11 * 60)
    options = owner.client.post("/v1/auth/step-up/options").json()["options"]
    body = {"method": "passkey", "credential": device.get(options, verified=False)}
    assert owner.client.post("/v1/auth/step-up", body).code == "factor_failed"


def test_one_session_cannot_use_the_options_of_another(api, owner, later):  # noqa: F811
    device, _ = enrol_passkey(owner)
    half = log_in(api, owner).json()["challenge"]
    body = {"challenge": half["id"], "method": "passkey",
            "credential": device.get(half["options"])}  # fmt: skip
    other = api.with_token(api.post("/v1/auth/mfa", body).json()["access_token"])
    later(11 * 60)
    options = owner.client.post("/v1/auth/step-up/options").json()["options"]
    answer = other.post(
        "/v1/auth/step-up", {"method": "passkey", "credential": device.get(options)}
    )
    assert answer.code == "challenge_over"


def test_who_has_neither_signs_in_again(owner, later):  # noqa: F811
    from chalicelib.identity import rows

    rows.user_named(owner.id).update(actions=[rows.UserRow.password_hash.remove()])
    later(11 * 60)
    assert owner.client.post("/v1/auth/step-up/options").json()["methods"] == ["sign_in"]
    answer = owner.client.post("/v1/auth/step-up", {"password": "anything at all"})
    assert (answer.status, answer.code) == (409, "sign_in_again")


def test_keys_are_not_asked(stale, owner):
    stale.client.post("/v1/auth/step-up", {"password": PASSWORD})
    key = api_key(owner)
    made = key.post("/v1/projects", {"name": "site"})
    project = made.json()["id"]
    answer = key.put(f"/v1/projects/{project}/env/A", {"value": "v"})
    assert answer.status == 200, answer.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/v1/projects/{project}/env/A", {"value": "v"}),
        ("DELETE", "/v1/projects/{project}/env/A", None),
        ("DELETE", "/v1/projects/{project}", None),
        ("POST", "/v1/keys", {"name": "k"}),
    ],
)
def test_what_can_do_harm_asks(owner, later, method, path, body):  # noqa: F811
    project = owner.client.post("/v1/projects", {"name": "site"}).json()["id"]
    path = path.format(project=project)
    later(11 * 60)
    assert owner.client.call(method, path, body).code == "step_up_required"
    owner.client.post("/v1/auth/step-up", {"password": PASSWORD})
    assert owner.client.call(method, path, body).code != "step_up_required"


def test_refreshing_keeps_a_proof_as_old_as_it_is(api, owner):
    from chalicelib.core import clock
    from chalicelib.identity import rows

    session = rows.session_named(owner.tokens["refresh_token"][3:33])
    session.update(actions=[rows.SessionRow.proved_at.set(clock.epoch(-700))])
    answer = api.post("/v1/auth/refresh", {"refresh_token": owner.tokens["refresh_token"]})
    renewed = api.with_token(answer.json()["access_token"])
    assert renewed.get("/v1/me").status == 200
    assert renewed.call(*ASKING).code == "step_up_required"


def test_a_team_that_insists_lets_its_people_add_a_factor(api, owner):
    from chalicelib.teams import rows as teams
    from tests.fakes.people import member

    her = member(api, owner, "developer")
    elsewhere = api.with_token(log_in(api, her).json()["access_token"])
    path = f"/v1/projects?team={owner.team}"
    teams.team_of(owner.team).update(actions=[teams.TeamRow.mfa_required.set(True)])
    for client in (her.client, elsewhere):
        refused = client.get(path)
        assert (refused.status, refused.code) == (403, "mfa_required")
    app, _ = enrol_app(her)  # what is one's own asks no team
    assert her.client.get(path).status == 200  # the session that proved the factor
    assert elsewhere.get(path).code == "mfa_required"
    proved = elsewhere.post("/v1/auth/step-up", {"method": "totp", "code": app.fresh()})
    assert proved.status == 200, proved.text
    assert elsewhere.get(path).status == 200
    assert her.client.delete(f"/v1/me/factors/{app.id}").status == 204
    assert her.client.get(path).code == "mfa_required"
