"""What mails say, and what they must never carry."""

from __future__ import annotations

import pytest

from chalicelib.accounts.rules import letters
from chalicelib.accounts.rules.letters import Places
from chalicelib.accounts.rules.links import SECONDS, is_token, new_token
from chalicelib.ports import Message

TOKEN = new_token()
BOTH = Places("https://api.example", "https://console.example")
API = Places("https://api.example")
IP = "192.0.2.7"


def every(places):
    return [
        letters.verify_email(places, TOKEN, IP),
        letters.verify_contested(places, TOKEN, IP),
        letters.known_account(places, IP),
        letters.welcome(places),
        letters.reset_password(places, TOKEN, IP),
        letters.change_email(places, TOKEN, IP),
        letters.address_in_use(places, IP),
        letters.email_changed(places, "grace@example.com"),
        letters.password_changed(places),
        letters.access_approved(places, TOKEN),
    ]


@pytest.mark.parametrize(
    ("letter", "link", "command"),
    [
        (letters.verify_email(BOTH, TOKEN, IP), "verify?token", "verify"),
        (letters.verify_contested(BOTH, TOKEN, IP), "verify?token", "verify"),
        (letters.change_email(BOTH, TOKEN, IP), "verify?token", "verify"),
        (letters.reset_password(BOTH, TOKEN, IP), "reset?token", "reset --token"),
        (letters.access_approved(BOTH, TOKEN), "sign-up?invitation", "signup --invitation"),
    ],
    ids=lambda it: getattr(it, "kind", ""),
)
def test_a_token_comes_with_a_link_and_a_command(letter, link, command):
    assert f"  https://console.example/#/{link}={TOKEN}\n" in letter.text
    assert f"  deck --api https://api.example {command} {TOKEN}\n" in letter.text


def test_without_a_console_there_is_the_command_alone():
    for letter in every(API):
        assert "#/" not in letter.text
        assert "https://console" not in letter.text
    assert f"  deck --api https://api.example verify {TOKEN}\n" in every(API)[0].text


def test_letters_are_plain_and_short():
    found = every(BOTH)
    assert len({letter.kind for letter in found}) == len(found)
    for letter in found:
        Message(letter.kind, "ada@example.com", letter.subject, letter.text)
        assert len(letter.subject) < 60
        assert letter.text.endswith("\n")
        assert letter.text.isascii()
        words = [line for line in letter.text.splitlines() if not line.startswith("  ")]
        assert all(len(line) <= 90 for line in words)


def test_who_did_not_ask_learns_from_where_it_was_asked():
    for letter in (every(BOTH)[n] for n in (0, 1, 2, 4, 5, 6)):
        assert "If it was not you" in letter.text
        assert IP in letter.text
    assert "came from" not in letters.verify_email(BOTH, TOKEN, "").text


def test_the_old_address_does_not_get_the_new_one_whole():
    text = letters.email_changed(BOTH, "grace@example.com").text
    assert "g***@example.com" in text
    assert "grace" not in text


def test_tokens():
    made = {new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(is_token(token) for token in made)
    for wrong in (
        "",
        "a",
        TOKEN + "a",
        TOKEN[:-1],
        TOKEN[:-1] + "#",
        TOKEN[:-1] + "ü",
        TOKEN + "\n",
    ):
        assert not is_token(wrong)
    assert SECONDS["reset"] == 3600 < SECONDS["verify"] == 24 * 3600
