"""What somebody tries who wants another person's account, or to keep them out of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.local.idp.server import Idp
from chalicelib.accounts.actions.providers import configure
from chalicelib.core import config, outbound
from tests.fakes.factors import enrol_app
from tests.fakes.people import PASSWORD, api_key, member, person
from tests.fakes.post import deliver, last_to, token_in
from tests.fakes.wanderer import Wanderer

ADA, VICTIM = "ada@example.com", "victim@example.com"
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


def test_a_sign_in_under_way_does_not_outlive_the_old_password(api, services, owner, monkeypatch):
    """The thief's right password was checked a moment before the owner replaced it."""
    from chalicelib.identity.actions import sessions

    api.post("/v1/auth/reset", {"email": owner.email})
    token = token_in(last_to(services, owner.email))
    check = sessions.verify_password

    def slow(user, password):
        good = check(user, password)
        body = {"token": token, "password": NEW}
        assert api.post("/v1/auth/reset/confirm", body).status == 204
        return good

    monkeypatch.setattr(sessions, "verify_password", slow)
    answer = login(api, owner.email, PASSWORD)
    monkeypatch.undo()
    if answer.status == 200:
        thief = api.with_token(answer.json()["access_token"])
        assert thief.get("/v1/me").code == "token_revoked"
    assert login(api, owner.email, NEW).status == 200


def test_a_second_factor_does_not_finish_what_an_old_password_began(
    api, services, owner, monkeypatch
):
    """The same, with the code of a phone that the thief has as well."""
    from chalicelib.identity.actions import sessions

    app, _ = enrol_app(owner)
    api.post("/v1/auth/reset", {"email": owner.email})
    token = token_in(last_to(services, owner.email))
    check = sessions.verify_password

    def slow(user, password):
        good = check(user, password)
        body = {"token": token, "password": NEW}
        assert api.post("/v1/auth/reset/confirm", body).status == 204
        return good

    monkeypatch.setattr(sessions, "verify_password", slow)
    challenge = login(api, owner.email, PASSWORD).json()["challenge"]["id"]
    body = {"challenge": challenge, "method": "totp", "code": app.fresh()}
    answer = api.post("/v1/auth/mfa", body)
    assert (answer.status, answer.code) == (401, "challenge_over")


def test_a_reset_ends_sessions_in_the_moment_of_the_new_password(api, services, owner, monkeypatch):
    """Also when the process dies right after it."""
    from chalicelib.accounts.actions import resets

    api.post("/v1/auth/reset", {"email": owner.email})
    token = token_in(last_to(services, owner.email))
    monkeypatch.setattr(resets, "end_sessions", lambda *_: None)
    api.post("/v1/auth/reset/confirm", {"token": token, "password": NEW})
    assert owner.client.get("/v1/me").code == "token_revoked"


def test_a_new_password_ends_a_wish_for_another_address(api, services, owner):
    """A thief at an open session asked for the account to move to them; then they were noticed."""
    owner.client.post("/v1/me/email", {"email": "thief@example.com"})
    wish = token_in(last_to(services, "thief@example.com"))
    api.post("/v1/auth/reset", {"email": owner.email})
    token = token_in(last_to(services, owner.email))
    api.post("/v1/auth/reset/confirm", {"token": token, "password": NEW})
    assert api.post("/v1/auth/verify", {"token": wish}).code == "link_invalid"
    assert login(api, owner.email, NEW).status == 200


def test_ending_all_sessions_ends_a_wish_for_another_address(api, services, owner):
    owner.client.post("/v1/me/email", {"email": "thief@example.com"})
    wish = token_in(last_to(services, "thief@example.com"))
    assert owner.client.delete("/v1/me/sessions").status == 204
    assert api.post("/v1/auth/verify", {"token": wish}).code == "link_invalid"


def test_of_two_wishes_for_an_address_the_first_that_is_opened_ends_the_other(api, services, owner):
    """A typing error went to a stranger, who opens the letter when the right one was opened."""
    owner.client.post("/v1/me/email", {"email": "typo@example.com"})
    typo = token_in(last_to(services, "typo@example.com"))
    owner.client.post("/v1/me/email", {"email": "right@example.com"})
    right = token_in(last_to(services, "right@example.com"))
    assert api.post("/v1/auth/verify", {"token": right}).status == 200
    assert api.post("/v1/auth/verify", {"token": typo}).code == "link_invalid"


def test_a_thief_who_signed_up_first_gets_nothing_by_another_letter(opened, services):
    """The owner of the address signs up too, the thief again, and the owner asks for a letter."""
    sign_up(opened, THIEVES)
    deliver(services)
    sign_up(opened, PASSWORD)
    deliver(services)
    sign_up(opened, THIEVES)
    deliver(services)
    opened.post("/v1/auth/verify/resend", {"email": VICTIM})
    letter = last_to(services, VICTIM)
    assert opened.post("/v1/auth/verify", {"token": token_in(letter)}).status == 200
    assert login(opened, VICTIM, THIEVES).code == "login_failed"
    assert "deck" in letter.text
    assert "reset" in letter.text
    opened.post("/v1/auth/reset", {"email": VICTIM})
    token = token_in(last_to(services, VICTIM))
    opened.post("/v1/auth/reset/confirm", {"token": token, "password": NEW})
    assert login(opened, VICTIM, NEW).status == 200


@pytest.fixture
def idp(opened, monkeypatch):
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    with Idp(redirects=(f"{config.settings().api_url}/v1/auth/callback",)) as running:
        configure("google", "clouddeck", running.clients["clouddeck"], running.url)
        yield running


def test_a_thief_who_signed_up_first_loses_the_account_to_the_provider(opened, services, idp):
    """The owner of the address never signed up here, and comes in by a provider."""
    body = {"email": ADA, "name": "Thief", "password": THIEVES}
    opened.post("/v1/auth/sign-up", body)
    letter = last_to(services, ADA)
    answer = Wanderer.new(opened).sign_in("google", ADA)
    assert answer.status == 200, answer.text
    assert login(opened, ADA, THIEVES).code == "login_failed"
    # the letter of the thief's sign-up brings the password back neither
    opened.post("/v1/auth/verify", {"token": token_in(letter)})
    assert login(opened, ADA, THIEVES).code == "login_failed"
    owner = opened.with_token(answer.json()["access_token"])
    assert owner.get("/v1/me").json()["user"]["verified"] is True


def test_whoever_gets_another_way_in_is_told(opened, services, idp):
    """Somebody at a session that was left open links an identity of their own."""
    owner = person(opened)
    browser = Wanderer.new(owner.client)
    back = browser.travel("/v1/me/identities/google/start", ADA)
    body = {"code": back["code"], "verifier": browser.verifier}
    assert owner.client.post("/v1/me/identities/google", body).status == 200
    letter = last_to(services, owner.email)
    assert letter.kind == "identity_linked"
    assert f"Google ({ADA})" in letter.text
    owner.client.post("/v1/me/identities/google", body)
    assert last_to(services, owner.email) is letter


@pytest.mark.parametrize("name", ["a\nb", "\x1b]0;x\x07", "\u200b", " ", "x" * 121, "\u2028"])
def test_a_device_has_a_name_that_can_be_read(api, owner, name):
    answer = api.post("/v1/auth/device", {"name": name})
    if answer.status == 200:
        seen = owner.client.get(f"/v1/me/device/{answer.json()['user_code']}").json()["name"]
        assert seen == "a b"
    else:
        assert (answer.status, answer.code) == (422, "invalid_request")


def test_a_leaked_key_does_not_give_the_team_away(api, owner):
    thief = member(api, owner, "developer")
    answer = api_key(owner).post(f"/v1/teams/{owner.team}/transfer", {"to": thief.id})
    assert (answer.status, answer.code) == (403, "session_required")
    assert owner.client.post(f"/v1/teams/{owner.team}/transfer", {"to": thief.id}).status == 200
