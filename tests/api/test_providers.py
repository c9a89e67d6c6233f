"""Signing in with a provider: over HTTP to a real identity provider, and through the whole API."""

from __future__ import annotations

import re
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from adapters.local.idp.people import Person as Somebody
from adapters.local.idp.server import Idp
from chalicelib.accounts.rules import pkce
from chalicelib.core import clock, config, outbound
from tests.fakes.people import PASSWORD, person
from tests.fakes.wanderer import BACK, Wanderer

ISSUERS = {
    "github": "{idp}",
    "google": "{idp}",
    "gitlab": "{idp}",
    "bitbucket": "{idp}",
    "microsoft": "{idp}/common/v2.0",
    "oidc": "{idp}",
}
ADA = "ada@example.com"


@pytest.fixture
def idp(monkeypatch):
    """A provider on this machine, which the API may ask."""
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    api = config.settings().api_url
    with Idp(redirects=(f"{api}/v1/auth/callback",)) as running:
        yield running


@pytest.fixture
def configured(api, idp, monkeypatch):
    """All providers are set up, by the API, and everybody may sign up."""
    from chalicelib.accounts.actions.settings import change_settings

    boss = administrator(api)
    for provider, issuer in ISSUERS.items():
        body = {
            "client_id": "clouddeck",
            "client_secret": idp.clients["clouddeck"],
            "issuer": issuer.format(idp=idp.url),
        }
        answer = boss.client.put(f"/v1/admin/providers/{provider}", body)
        assert answer.status == 200, answer.text
    change_settings("open", None)
    return idp


def administrator(api):
    from chalicelib.identity.rows import UserRow, user_named

    boss = person(api)
    user_named(boss.id).update(actions=[UserRow.admin.set(True)])
    return boss


def me(api, answer):
    assert answer.status == 200, answer.text
    return api.with_token(answer.json()["access_token"]).get("/v1/me").json()


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


# -- what goes wrong on the way ---------------------------------------------------------------


def test_who_refuses_comes_back_with_the_reason(api, configured):
    back = Wanderer.new(api).travel("/v1/auth/providers/google/start", "")
    assert back == {"error": "access_denied"}


@pytest.mark.parametrize("error", ["server_error", "invalid_scope", "x" * 100, "<script>"])
def test_other_errors_of_a_provider_are_not_passed_on(api, configured, error):
    browser = Wanderer.new(api)
    state = _state(browser.leave("/v1/auth/providers/google/start"))
    assert browser.come_back(f"/v1/auth/callback?state={state}&error={error}") == {
        "error": "provider_refused"
    }


def test_a_state_is_good_once(api, configured):
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    assert "code" in browser.come_back(back)
    again = api.get(back)
    assert (again.status, again.code) == (400, "state_invalid")


def test_twenty_at_once_use_a_state_once(api, configured):
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: api.get(back), range(20)))
    assert sorted(a.status for a in answers) == [302] + [400] * 19


def test_a_state_is_good_for_ten_minutes(api, configured, monkeypatch):
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    _later(monkeypatch, 601)
    assert api.get(back).code == "state_invalid"


@pytest.mark.parametrize("query", ["", "?state=", "?state=x", "?code=x", "?state=" + "x" * 43])
def test_without_a_known_state_nobody_is_sent_anywhere(api, configured, query):
    answer = api.get(f"/v1/auth/callback{query}")
    assert (answer.status, answer.code) == (400, "state_invalid")
    assert "Location" not in answer.headers


def test_a_callback_names_nowhere_to_go(api, configured):
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    answer = api.get(f"{back}&return_to=https://evil.example/&redirect_uri=https://evil.example/")
    assert answer.headers["Location"].startswith(BACK)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "//evil.example",
        "http://127.0.0.1:80@evil.example/",
        "http://127.0.0.1.evil.example:80/",
        "javascript:alert(1)",
        "http://127.0.0.1:1/#x",
        "http://127.0.0.1/",
    ],
)
def test_no_start_that_would_return_elsewhere(api, configured, url):
    answer = Wanderer.new(api, url).start("/v1/auth/providers/google/start")
    assert (answer.status, answer.code) == (422, "invalid_request")
    assert answer.json()["errors"][0]["pointer"] == "/return_to"


@pytest.mark.parametrize("challenge", ["", "plain", "A" * 44, "=" * 43])
def test_no_start_without_pkce(api, configured, challenge):
    answer = api.post(
        "/v1/auth/providers/google/start", {"return_to": BACK, "challenge": challenge}
    )
    assert answer.status == 422


def test_the_state_of_one_provider_is_no_good_at_the_address_of_a_team(api, configured):
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    moved = back.replace("/callback?", "/callback/team_01?")
    assert api.get(moved).code == "state_invalid"


def test_a_team_cannot_hand_on_what_another_provider_sent(api, configured):
    """Mix-up: a team's provider sends a browser on to Google, with the state of its own sign-in.

    Google answers where Google is registered, and the code never gets to the team's provider.
    """
    from chalicelib.accounts.actions import arrivals

    verifier = Wanderer.new(api).verifier
    away = arrivals.depart("sso:team_01", BACK, pkce.challenge_of(verifier))
    browser = Wanderer(api, verifier)
    url = browser.leave("/v1/auth/providers/google/start")
    swapped = url.replace(_state(url), away.state)
    assert browser.come_back(browser.choose(swapped, ADA)) == {"error": "state_invalid"}


def test_an_answer_that_says_it_is_another_providers(api, configured):
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    assert browser.come_back(f"{back}&iss=https://evil.example") == {"error": "provider_invalid"}
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    assert "code" in browser.come_back(f"{back}&iss={configured.url}&session_state=1&scope=email")


def test_a_provider_that_is_gone(api, configured):
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/bitbucket/start"), ADA)
    configured.__exit__()
    assert browser.come_back(back) == {"error": "provider_unavailable"}
    configured.__enter__()


def test_a_wrong_client_secret(api, configured):
    configured.clients["clouddeck"] = "changed at the provider"
    for provider in ("github", "google", "bitbucket"):
        back = Wanderer.new(api).travel(f"/v1/auth/providers/{provider}/start", ADA)
        assert back == {"error": "provider_refused"}


def test_a_provider_does_not_follow_redirects_to_the_inside(api, configured, monkeypatch):
    """Without the setting of a laptop, an issuer on this machine may not even be asked."""
    monkeypatch.setattr(outbound, "settings", config.settings)
    from chalicelib.accounts.actions import discovery

    discovery.forget()
    answer = Wanderer.new(api).start("/v1/auth/providers/google/start")
    assert (answer.status, answer.code) == (400, "provider_invalid")


# -- the code that comes back -----------------------------------------------------------------


def test_the_code_is_no_good_to_another_client(api, configured):
    """Somebody who sees the address of a browser, or is sent one that another person began."""
    back = Wanderer.new(api).travel("/v1/auth/providers/google/start", ADA)
    stranger = Wanderer.new(api)
    answer = stranger.exchange(back["code"])
    assert (answer.status, answer.code) == (400, "arrival_invalid")


def test_a_guess_does_not_use_the_code_up(api, configured):
    browser = Wanderer.new(api)
    back = browser.travel("/v1/auth/providers/google/start", ADA)
    assert Wanderer.new(api).exchange(back["code"]).code == "arrival_invalid"
    assert browser.exchange(back["code"]).status == 200
    assert browser.exchange(back["code"]).code == "arrival_invalid"


def test_twenty_exchanges_at_once_give_one_session(api, configured, database):
    browser = Wanderer.new(api)
    back = browser.travel("/v1/auth/providers/google/start", ADA)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: browser.exchange(back["code"]), range(20)))
    assert sorted(a.status for a in answers) == [200] + [400] * 19
    who = me(api, next(a for a in answers if a.status == 200))["user"]["id"]
    rows = database.scan(TableName="test-core")["Items"]
    assert sum(r["pk"]["S"].startswith("SESSION#") and r["user"]["S"] == who for r in rows) == 1


def test_newcomers_at_the_same_moment_become_one_account(api, configured, database):
    browsers = [Wanderer.new(api) for _ in range(6)]
    codes = [b.travel("/v1/auth/providers/google/start", ADA)["code"] for b in browsers]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda pair: pair[0].exchange(pair[1]), zip(browsers, codes, strict=True))
        )
    assert {a.status for a in answers} == {200}
    assert len({me(api, a)["user"]["id"] for a in answers}) == 1


def test_the_code_is_good_for_a_minute(api, configured, monkeypatch):
    browser = Wanderer.new(api)
    back = browser.travel("/v1/auth/providers/google/start", ADA)
    _later(monkeypatch, 61)
    assert browser.exchange(back["code"]).code == "arrival_invalid"


@pytest.mark.parametrize("code", ["", "x", "x" * 43, "x" * 200])
def test_a_guessed_code(api, configured, code):
    assert Wanderer.new(api).exchange(code).code == "arrival_invalid"


def test_neither_state_nor_code_lies_in_the_database(api, configured, database):
    browser = Wanderer.new(api)
    url = browser.leave("/v1/auth/providers/google/start")
    assert _state(url) not in str(database.scan(TableName="test-core")["Items"])
    code = browser.come_back(browser.choose(url, ADA))["code"]
    assert code not in str(database.scan(TableName="test-core")["Items"])


def test_a_code_of_the_provider_is_good_once(api, configured):
    """Whoever replays it with a state of their own gets nothing: PKCE, nonce, and single use."""
    browser = Wanderer.new(api)
    back = browser.choose(browser.leave("/v1/auth/providers/google/start"), ADA)
    stolen = parse_qs(urlsplit(back).query)["code"][0]
    thief = Wanderer.new(api)
    state = _state(thief.leave("/v1/auth/providers/google/start"))
    found = thief.come_back(f"/v1/auth/callback?state={state}&code={stolen}")
    assert found == {"error": "provider_refused"}


def test_the_audit_log_knows_who_came_in_and_no_secret(api, configured, database):
    browser = Wanderer.new(api)
    back = browser.travel("/v1/auth/providers/google/start", ADA)
    signed_in = browser.exchange(back["code"])
    who = me(api, signed_in)
    client = api.with_token(signed_in.json()["access_token"])
    log = client.get(f"/v1/teams/{who['teams'][0]['id']}/audit").json()["items"]
    (entry,) = [one for one in log if one["action"] == "accounts.exchange_code"]
    assert who["user"]["id"] in str(entry)
    for table in ("test-core", "test-events"):
        rows = str(database.scan(TableName=table)["Items"])
        for secret in (back["code"], browser.verifier, configured.clients["clouddeck"]):
            assert secret not in rows


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


def _state(url):
    return parse_qs(urlsplit(url).query)["state"][0]


def _later(monkeypatch, seconds):
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + seconds)
