"""PKCE: the verifier of a challenge, and no other text, proves it."""

from __future__ import annotations

import base64
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules import pkce

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
verifiers = st.text(UNRESERVED, min_size=43, max_size=128)


def test_the_example_of_rfc_7636():
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert pkce.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert pkce.proves(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")


@given(verifiers)
def test_every_verifier_proves_its_challenge(verifier):
    challenge = pkce.challenge_of(verifier)
    assert pkce.is_challenge(challenge)
    assert pkce.proves(verifier, challenge)
    assert base64.urlsafe_b64decode(challenge + "=") == sha256(verifier.encode()).digest()


@given(verifiers, verifiers)
def test_no_other_verifier_does(one, other):
    assert pkce.proves(one, pkce.challenge_of(other)) == (one == other)


@given(st.text(max_size=200))
def test_what_is_no_verifier_proves_nothing(text):
    shaped = 43 <= len(text) <= 128 and set(text) <= set(UNRESERVED)
    try:
        challenge = pkce.challenge_of(text)
    except UnicodeEncodeError:
        assert not pkce.proves(text, "A" * 43)
        return
    assert pkce.proves(text, challenge) == shaped


@given(st.text(UNRESERVED, min_size=40, max_size=46))
def test_a_challenge_is_32_bytes_in_base64url(text):
    try:
        raw = base64.b64decode(text + "=", altchars=b"-_", validate=True)
        same = base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text
        wanted = len(raw) == 32 and same
    except ValueError:
        wanted = False
    assert pkce.is_challenge(text) == wanted


def test_new_verifiers_are_verifiers_and_differ():
    made = {pkce.new_verifier() for _ in range(100)}
    assert len(made) == 100
    assert all(pkce.proves(one, pkce.challenge_of(one)) for one in made)
