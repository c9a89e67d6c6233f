"""Signing up by an invitation into a team."""

from __future__ import annotations

import pytest

from tests.fakes.people import PASSWORD, person
from tests.fakes.post import last_to, token_in

GRACE = "grace@example.com"


@pytest.fixture
def token(api, services, owner):
    """The token in the mail that invites Grace into the team of the owner."""
    wanted = {"email": GRACE, "role": "developer"}
    answer = owner.client.post(f"/v1/teams/{owner.team}/invitations", wanted)
    assert answer.status == 201, answer.text
    return token_in(last_to(services, GRACE))


def sign_up(api, token, email=GRACE, password=PASSWORD):
    wanted = {"email": email, "name": "Grace", "password": password, "invitation": token}
    return api.post("/v1/auth/sign-up", wanted)


def login(api, password=PASSWORD):
    return api.post("/v1/auth/login", {"email": GRACE, "password": password})


def test_the_account_is_active_and_in_the_team(api, services, owner, token):
    assert sign_up(api, token).status == 202
    tokens = login(api).json()
    me = api.with_token(tokens["access_token"]).get("/v1/me").json()
    assert me["user"]["verified"] is True
    roles = {team["id"]: team["role"] for team in me["teams"]}
    assert roles[owner.team] == "developer"
    assert sorted(roles.values()) == ["developer", "owner"]
    assert last_to(services, GRACE).kind == "welcome"


def test_it_is_for_one_address(api, token):
    answer = sign_up(api, token, "eve@example.com")
    assert (answer.status, answer.code) == (403, "invitation_for_another_address")
    assert login(api).code == "login_failed"


def test_one_that_never_was(api):
    answer = sign_up(api, "inv_" + "A" * 43)
    assert (answer.status, answer.code) == (404, "invitation_not_found")


def test_a_weak_password_does_not_use_it_up(api, token):
    assert sign_up(api, token, password="short").code == "weak_password"
    assert sign_up(api, token).status == 202


def test_who_has_an_account_keeps_the_password(api, services, token):
    person(api, GRACE)
    assert sign_up(api, token, password="somebody else has the mail").status == 202
    assert login(api).status == 200
    assert login(api, "somebody else has the mail").code == "login_failed"
    assert last_to(services, GRACE).kind == "known_account"


def test_who_waits_for_verification_need_not_wait(api, services, token):
    from chalicelib.accounts.actions.settings import change_settings

    change_settings("open", None)
    wanted = {"email": GRACE, "name": "Thief", "password": "a thief was here before"}
    api.post("/v1/auth/sign-up", wanted)
    assert last_to(services, GRACE).kind == "verify_email"
    assert sign_up(api, token).status == 202
    assert login(api).status == 200
    assert login(api, "a thief was here before").code == "login_failed"
