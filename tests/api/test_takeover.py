"""What somebody tries who wants another person's account, or to keep them out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes.people import PASSWORD
from tests.fakes.post import last_to, token_in

VICTIM = "victim@example.com"
THIEVES = "the password of a thief"
NEW = "a password that is new"


def from_(api, ip):
    """The same client somewhere else."""
    return replace(api, ip=ip)


def login(api, email, password, ip=""):
    body = {"email": email, "password": password}
    return from_(api, ip or api.ip).post("/v1/auth/login", body)


def sign_up(api, password):
    body = {"email": VICTIM, "name": "Ada", "password": password}
    assert api.post("/v1/auth/sign-up", body).status == 202


@pytest.fixture
def opened(api):
    """An installation at which everybody may sign up."""
    from chalicelib.accounts.actions.settings import change_settings

    change_settings("open", None)
    return api


@pytest.mark.parametrize(("kind", "who"), [("factor", "id"), ("step-up", "id"), ("from", "ip")])
def test_no_stranger_uses_up_what_others_may_try(api, owner, kind, who):
    """Counters of different things have different names, whatever is typed as an address."""
    from chalicelib.identity.actions import attempts

    name = owner.id if who == "id" else "203.0.113.7"
    for _ in range(11):
        login(api, f"{kind}:{name}", "anything at all")
    assert int(attempts.count(kind, name).made) == 1


def test_a_stranger_cannot_lock_somebody_out_where_they_signed_in_before(api, owner, services):
    for _ in range(12):
        answer = login(api, owner.email, "not it at all", "203.0.113.7")
    assert answer.code == "too_many_attempts"
    assert login(api, owner.email, PASSWORD).status == 200
    # somewhere new they prove by mail that it is them
    assert login(api, owner.email, PASSWORD, "198.51.100.9").code == "too_many_attempts"
    api.post("/v1/auth/reset", {"email": owner.email})
    body = {"token": token_in(last_to(services, owner.email)), "password": NEW}
    assert from_(api, "198.51.100.9").post("/v1/auth/reset/confirm", body).status == 204
    for _ in range(12):
        login(api, owner.email, "not it at all", "203.0.113.7")
    assert login(api, owner.email, NEW, "198.51.100.9").status == 200


def test_a_known_place_takes_ten_tries_too(api, owner):
    codes = [login(api, owner.email, "not it at all").code for _ in range(11)]
    assert codes == ["login_failed"] * 10 + ["too_many_attempts"]
    assert login(api, owner.email, PASSWORD).code == "too_many_attempts"
