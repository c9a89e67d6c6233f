"""Signing in with a provider: over HTTP to a real identity provider, and through the whole API."""

from __future__ import annotations

import re
import secrets
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from adapters.local.idp.people import Person as Somebody
from chalicelib.core import config
from tests.api.at_provider import ADA, ISSUERS, administrator, configured, idp, me
from tests.fakes.people import PASSWORD, person
from tests.fakes.wanderer import Wanderer

__all__ = ["configured", "idp"]


@pytest.mark.parametrize("provider", ISSUERS)
def test_a_newcomer_gets_an_account_and_comes_back_to_it(api, configured, provider):
    first = me(api, Wanderer.new(api).sign_in(provider, ADA))
    assert first["user"]["email"] == ADA
    assert [team["role"] for team in first["teams"]] == ["owner"]
    again = me(api, Wanderer.new(api).sign_in(provider, ADA))
    assert again["user"]["id"] == first["user"]["id"]


def test_all_providers_lead_to_one_account(api, configured):
    found = {p: me(api, Wanderer.new(api).sign_in(p, ADA))["user"]["id"] for p in ISSUERS}
    assert len(set(found.values())) == 1


@pytest.mark.parametrize("provider", ISSUERS)
def test_an_unproven_address_opens_nothing(api, configured, provider):
    owner = person(api, "mallory@example.com")
    answer = Wanderer.new(api).sign_in(provider, "mallory@example.com")
    assert (answer.status, answer.code) == (403, "email_unverified")
    assert owner.client.get("/v1/me/identities").json() == {"items": []}


def test_an_account_whose_address_was_never_proven_is_not_taken_over(api, configured):
    from chalicelib.identity.rows import UserRow, user_named

    squatter = person(api, ADA)
    user_named(squatter.id).update(actions=[UserRow.verified_at.remove()])
    answer = Wanderer.new(api).sign_in("google", ADA)
    assert (answer.status, answer.code) == (403, "account_unverified")


def test_a_proven_address_links_itself_and_the_password_goes_on(api, configured):
    owner = person(api, ADA)
    assert me(api, Wanderer.new(api).sign_in("github", ADA))["user"]["id"] == owner.id
    (linked,) = owner.client.get("/v1/me/identities").json()["items"]
    assert (linked["provider"], linked["name"], linked["email"]) == ("github", "GitHub", ADA)
    assert api.post("/v1/auth/login", {"email": ADA, "password": PASSWORD}).status == 200


def test_an_identity_stays_with_its_account_when_addresses_change(api, configured):
    configured.people.append(Somebody("old@example.com"))
    first = me(api, Wanderer.new(api).sign_in("google", "old@example.com"))["user"]["id"]
    # somebody else gets the address here, and the identity is still the first one's
    from chalicelib.identity.rows import UniqueRow, UserRow, user_named

    user_named(first).update(actions=[UserRow.email.set("new@example.com")])
    UniqueRow("UNIQ#email#old@example.com", "META").delete()
    person(api, "old@example.com")
    assert me(api, Wanderer.new(api).sign_in("google", "old@example.com"))["user"]["id"] == first


@pytest.mark.parametrize(
    ("mode", "code"), [("invite", "sign_up_closed"), ("request", "sign_up_by_request")]
)
def test_newcomers_follow_the_mode_of_sign_up(api, configured, mode, code):
    from chalicelib.accounts.actions.settings import change_settings

    known = me(api, Wanderer.new(api).sign_in("google", ADA))["user"]["id"]
    change_settings(mode, None)
    answer = Wanderer.new(api).sign_in("google", "grace@example.com")
    assert (answer.status, answer.code) == (403, code)
    assert me(api, Wanderer.new(api).sign_in("google", ADA))["user"]["id"] == known


def test_who_was_invited_comes_in_though_sign_up_is_closed(api, configured, owner):
    from chalicelib.accounts.actions.settings import change_settings

    change_settings("invite", None)
    path = f"/v1/teams/{owner.team}/invitations"
    made = owner.client.post(path, {"email": ADA, "role": "developer"})
    assert made.status == 201, made.text
    token = invitation_in(api)
    start = "/v1/auth/providers/google/start"
    for who, code in (("grace@example.com", "invitation_for_another_address"), (ADA, "")):
        browser = Wanderer.new(api)
        answer = browser.exchange(browser.travel(start, who)["code"], invitation=token)
        assert answer.code == code
    teams = {team["id"]: team["role"] for team in me(api, answer)["teams"]}
    assert teams[owner.team] == "developer"
    browser = Wanderer.new(api)
    again = browser.exchange(browser.travel(start, "grace@example.com")["code"], invitation=token)
    assert again.status in {403, 404, 409}


def invitation_in(api):
    """The token in the newest mail."""
    from chalicelib.ports import services

    return re.search(r"inv_[\w-]{20,}", services().mail.sent[-1].text)[0]


def test_suspended_people_stay_out(api, configured):
    from chalicelib.identity.rows import UserRow, user_named

    who = me(api, Wanderer.new(api).sign_in("google", ADA))["user"]["id"]
    user_named(who).update(actions=[UserRow.status.set("suspended")])
    answer = Wanderer.new(api).sign_in("google", ADA)
    assert (answer.status, answer.code) == (403, "account_suspended")


def test_a_second_factor_is_asked_for_here_too(api, configured):
    from tests.fakes.factors import enrol_app

    enrol_app(person(api, ADA))
    answer = Wanderer.new(api).sign_in("github", ADA).json()
    assert answer["access_token"] is None
    assert answer["challenge"]["methods"] == ["totp", "recovery"]


def test_what_is_offered(api, configured):
    body = api.get("/v1/auth/providers").json()
    assert [one["id"] for one in body["items"]] == list(ISSUERS)
    assert (body["password"], body["sign_up"]) == (True, "open")


def test_nothing_is_offered_that_is_not_set_up(api):
    assert api.get("/v1/auth/providers").json()["items"] == []
    for name in ("github", "nobody", "sso:team_1"):
        answer = Wanderer.new(api).start(f"/v1/auth/providers/{name}/start")
        assert (answer.status, answer.code) == (404, "provider_not_found")


def test_the_address_asks_for_little_and_tells_no_secret(api, configured):
    url = Wanderer.new(api).leave("/v1/auth/providers/github/start")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert asked["scope"] == "read:user user:email"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{config.settings().api_url}/v1/auth/callback"
    assert len(asked["state"]) >= 43
    assert configured.clients["clouddeck"] not in url


def test_userinfo_is_asked_when_the_id_token_has_no_address(api, configured):
    configured.tells_email = False
    assert me(api, Wanderer.new(api).sign_in("gitlab", ADA))["user"]["email"] == ADA


def test_userinfo_is_asked_when_the_id_token_does_not_say_who_vouches(api, configured, monkeypatch):
    real = configured.id_token

    def silent(claims):
        return real({name: value for name, value in claims.items() if name != "email_verified"})

    monkeypatch.setattr(configured, "id_token", silent)
    assert me(api, Wanderer.new(api).sign_in("gitlab", ADA))["user"]["email"] == ADA


def test_es256_is_believed_too(api, configured):
    configured.algorithm = "ES256"
    assert Wanderer.new(api).sign_in("oidc", ADA).status == 200


def test_a_provider_may_change_its_keys(api, configured):
    assert Wanderer.new(api).sign_in("oidc", ADA).status == 200
    configured.keys.rotate()
    assert Wanderer.new(api).sign_in("oidc", ADA).status == 200


# -- setting providers up ---------------------------------------------------------------------


def test_a_secret_is_never_shown_and_lies_sealed(api, idp, database):
    boss, secret = administrator(api), secrets.token_urlsafe(24)
    body = {"client_id": "clouddeck", "client_secret": secret, "issuer": idp.url}
    answers = [
        boss.client.put("/v1/admin/providers/google", body),
        boss.client.get("/v1/admin/providers/google"),
    ]
    assert [a.status for a in answers] == [200, 200]
    assert all(secret not in a.text for a in answers)
    for table in ("test-core", "test-events"):
        assert secret not in str(database.scan(TableName=table)["Items"])
    assert answers[1].json()["redirect_uri"].endswith("/v1/auth/callback")


def test_the_issuer_of_a_provider_is_known_where_there_is_one(api):
    boss = administrator(api)
    body = {"client_id": "x", "client_secret": "y"}
    put = boss.client.put("/v1/admin/providers/google", body)
    assert put.json()["issuer"] == "https://accounts.google.com"
    needs = boss.client.put("/v1/admin/providers/oidc", body)
    assert (needs.status, needs.json()["errors"][0]["pointer"]) == (422, "/issuer")
    for issuer in ("http://idp.example.com", "https://10.0.0.1", "https://a@b.example", "x"):
        wrong = boss.client.put("/v1/admin/providers/oidc", {**body, "issuer": issuer})
        assert wrong.status == 422, issuer


def test_only_administrators_set_providers_up(api, owner):
    body = {"client_id": "x", "client_secret": "y"}
    for answer in (
        owner.client.put("/v1/admin/providers/google", body),
        owner.client.get("/v1/admin/providers/google"),
        owner.client.delete("/v1/admin/providers/google"),
    ):
        assert answer.status in {403, 404}


def test_a_removed_provider_lets_nobody_in(api, configured):
    boss = administrator(api)
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    assert boss.client.delete("/v1/admin/providers/google").status == 204
    assert boss.client.get("/v1/admin/providers/google").code == "provider_not_found"
    assert boss.client.delete("/v1/admin/providers/google").code == "provider_not_found"
    assert browser.come_back(back) == {"error": "provider_not_found"}


def test_the_provider_itself_sends_nobody_to_an_address_it_does_not_know(configured, api):
    url = Wanderer.new(api).leave("/v1/auth/providers/google/start")
    evil = url.replace("localhost%3A8080", "evil.example")
    assert evil != url
    assert requests.get(evil, allow_redirects=False, timeout=5).status_code == 400
