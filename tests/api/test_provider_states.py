"""On the way to a provider and back: what is forged, late, or meant for another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.accounts.rules import pkce
from chalicelib.core import config, outbound
from tests.api.at_provider import ADA, _later, _state, configured, idp
from tests.fakes.wanderer import BACK, Wanderer

__all__ = ["configured", "idp"]


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
