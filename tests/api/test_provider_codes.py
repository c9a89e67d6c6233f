"""The code that comes back from a provider: for one client, once, for a minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.at_provider import ADA, _later, _state, configured, idp, me
from tests.fakes.wanderer import Wanderer

__all__ = ["configured", "idp"]


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
