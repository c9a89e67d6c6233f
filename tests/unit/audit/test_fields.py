"""What an entry shows: no secrets, nothing endless."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audit.rules.canonical import canonical
from chalicelib.audit.rules.fields import HIDDEN, LONGEST, shown, sounds_secret

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3000),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), ANYTHING, max_size=30))
def test_it_fits_and_is_json_whatever_comes(fields):
    found = shown(fields)
    text = canonical(found)
    assert len(text) <= LONGEST
    assert json.loads(text) == found
    assert canonical(shown(found)) == text  # twice is once


@pytest.mark.parametrize(
    "name",
    [
        *("password", "client_secret", "access_token", "refreshToken", "recovery_codes", "code"),
        *("apiKey", "private_key", "Authorization", "cookie", "SAMLResponse", "code_verifier"),
        *("credential", "totp", "passphrase", "signature"),
    ],
)
def test_what_sounds_secret_is_not_shown(name):
    assert sounds_secret(name)
    planted = {"a": [{name: "canary"}], name: {"b": "canary"}}
    assert "canary" not in json.dumps(shown(planted))
    assert shown({name: "canary"}) == {name: HIDDEN}
    assert shown({name: True}) == {name: True}


@pytest.mark.parametrize("name", ["name", "slug", "role", "framework", "codename", "days", "url"])
def test_what_does_not_is(name):
    assert shown({name: "x"}) == {name: "x"}


def test_what_is_cut_says_so():
    found = shown({"small": "kept", "big": "y" * 100_000})
    assert found["small"] == "kept"
    assert "cut: 100002 bytes" in found["big"]
    many = shown({f"field{i}": "z" * 150 for i in range(100)})
    assert many["…"].startswith("cut: ")


def test_control_characters_stay_as_escapes():
    text = "a\x00\x1b[31m\n\u202e\ud800"
    assert shown({"name": text}) == {"name": "a\x00\x1b[31m\n\u202e\ufffd"}
    assert b'"a\\u0000\\u001b[31m\\n' in canonical(shown({"name": text}))


def test_great_numbers_are_texts():
    assert shown({"n": 2**63, "f": float("nan")}) == {"n": str(2**63), "f": "nan"}
