"""Shapes of e-mails, passwords, keys and refresh tokens."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import ids
from chalicelib.identity import rules


def test_keys_are_recognised_and_differ():
    keys = {rules.new_api_key() for _ in range(200)}
    assert len(keys) == 200
    for key in keys:
        assert rules.is_api_key(key)
        assert len(key) == 52


KEY = rules.new_api_key()


@given(st.data())
def test_one_wrong_character_is_noticed(data):
    key = KEY
    at = data.draw(st.integers(3, len(key) - 1))
    other = data.draw(st.sampled_from("0123456789ABCDEFabcdef").filter(lambda c: c != key[at]))
    assert not rules.is_api_key(key[:at] + other + key[at + 1 :])


@given(st.text())
def test_other_texts_are_no_keys(text):
    assert not rules.is_api_key(text)
    assert not rules.is_api_key("ck_" + text)
    assert not rules.is_api_key(KEY + "\n")


@pytest.mark.parametrize(
    ("given_", "normal"),
    [(" Ada@Example.COM ", "ada@example.com"), ("a+b@x-y.co", "a+b@x-y.co"), ("a@b", "a@b")],
)
def test_emails(given_, normal):
    assert rules.normal_email(given_) == normal


@pytest.mark.parametrize(
    "bad",
    ["", "a", "@b", "a@", "a b@c.d", "a@b@c", "a#b@c.d", "a@b..c", "a@-b.c!", "a" * 300 + "@b.c"],
)
def test_no_emails(bad):
    with pytest.raises(ValueError):
        rules.normal_email(bad)


def test_a_long_email_is_refused_at_once():
    started = time.process_time()
    with pytest.raises(ValueError):
        rules.normal_email("a@" + "a." * 200_000 + "!")
    assert time.process_time() - started < 1


@pytest.mark.parametrize("bad", ["", "short", "a" * 257])
def test_passwords(bad):
    with pytest.raises(ValueError, match="10 to 256"):
        rules.check_password(bad)


def test_refresh_tokens():
    session = ids.new("ses")
    token, family, secret = rules.new_refresh_token(session)
    assert rules.split_refresh_token(token) == (session, family, secret)
    renewed, same, other = rules.new_refresh_token(session, family)
    assert (same, other != secret, renewed != token) == (family, True, True)


@given(st.text())
def test_other_texts_are_no_refresh_tokens(text):
    assert rules.split_refresh_token(text) is None


def test_lock():
    assert rules.locked_for(10, 0) == 0
    assert rules.locked_for(11, 0) == 900
    assert rules.locked_for(11, 899) == 1


@pytest.mark.parametrize(
    "bad",
    [
        "\u212aate@example.com",  # the Kelvin sign, whose small letter is k
        "kate@e\u212aample.com",
        "kate\x7f@example.com",
        "kate\x9b@example.com",
        "kate\u200b@example.com",
        "kate\u202e@example.com",
    ],
)
def test_no_address_looks_like_anothers(bad):
    with pytest.raises(ValueError, match="looks like"):
        rules.normal_email(bad)


def test_letters_beyond_ascii_stay_what_they_are():
    assert rules.normal_email("\u0130dil@example.com") != "idil@example.com"
    assert rules.normal_email("J\xdcRGEN@example.com") == "j\xfcrgen@example.com"
