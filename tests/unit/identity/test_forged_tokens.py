"""A hundred and more forged access tokens: each is refused with its code, and none costs a read."""

from __future__ import annotations

import dataclasses

import jwt
import pytest

from chalicelib.core import clock, ids
from chalicelib.core.config import settings
from chalicelib.core.errors import Unauthenticated
from chalicelib.identity.actions import authenticate, tokens
from tests.fakes.counting import database_calls
from tests.fakes.forgeries import EXPIRED, MALFORMED, Target, code_of, dump, forged, signed

USER, SESSION = ids.new("usr"), ids.new("ses")


def target(services) -> Target:
    kid, key = services.keys.signing_key()
    return Target(settings().api_url, USER, SESSION, kid, key)


def test_the_same_made_well_is_read(services):
    found = tokens.read(target(services).good())
    assert (found.user, found.session) == (USER, SESSION)


def test_all_are_refused_with_their_code_and_without_a_read(services):
    cases = forged(target(services))
    assert len(cases) >= 60
    wrong: dict[str, str] = {}
    with database_calls() as calls:
        for name, token in cases.items():
            with pytest.raises(Unauthenticated) as refused:
                authenticate(token)
            if refused.value.code != code_of(name):
                wrong[name] = refused.value.code
            assert "invalid_token" in refused.value.headers["WWW-Authenticate"]
            assert not token or token not in refused.value.detail
    assert (wrong, calls) == ({}, [])


def test_all_are_401_at_the_door(services, api):
    for name, token in forged(target(services)).items():
        answer = api.with_token(token).get("/v1/me")
        if name in TRIMMED:
            continue  # a header field has no white space at its ends
        assert answer.status == 401, name
        assert answer.code in {code_of(name), MALFORMED}, name


TRIMMED = {"white space in front", "tab at the end", "line break"}


def test_tokens_of_the_key_before_stay_good(services):
    old = tokens.issue(USER, SESSION)
    services.keys.rotate()
    new = tokens.issue(USER, SESSION)
    assert tokens.read(old) == tokens.read(new)
    assert jwt.get_unverified_header(old)["kid"] != jwt.get_unverified_header(new)["kid"]


def test_a_token_lives_a_day_and_not_a_second_longer(services, monkeypatch):
    ours = target(services)
    now = clock.epoch()
    day = 24 * 3600

    def token(began, ends):
        return signed(ours.key, dump(ours.header()), dump(ours.claims(iat=began, exp=ends)))

    almost = token(now - day + 1, now + 1)
    assert tokens.read(almost).user == USER
    over = token(now - day - 1, now - 1)
    with pytest.raises(Unauthenticated) as refused:
        tokens.read(over)
    assert refused.value.code == EXPIRED


@pytest.mark.parametrize(("wanted", "lives"), [(60, 60), (86_400, 86_400), (10**9, 86_400), (0, 1)])
def test_no_setting_makes_a_token_live_longer(services, monkeypatch, wanted, lives):
    monkeypatch.setattr(
        tokens, "settings", lambda: dataclasses.replace(settings(), access_token_seconds=wanted)
    )
    found = jwt.decode(tokens.issue(USER, SESSION), options={"verify_signature": False})
    assert found["exp"] - found["iat"] == lives
