"""Which passwords are taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules.passwords import COMMON, check_new_password

EMAIL = "ada.lovelace@example.com"


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "x7#Kq9!mZ2",
        "пароль из слов",
        "          a b c d",
        "ada.lovelace likes bees",
        "a" * 253 + "bcd",
    ],
)
def test_good_ones(password):
    assert check_new_password(password, EMAIL) == password


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("ninechars", "10 to 256"),
        ("a" * 254 + "bcd", "10 to 256"),
        (EMAIL, "e-mail"),
        (EMAIL.upper(), "e-mail"),
        ("ada.lovelace", "e-mail"),
        ("example.com", "e-mail"),
        ("password123", "guessers"),
        ("Password123!", "guessers"),
        ("QWERTYUIOP", "guessers"),
        ("iloveyou123...", "guessers"),
        ("abababababab", "different"),
        ("   1 1 1    ", "different"),
    ],
)
def test_refused(password, why):
    with pytest.raises(ValueError, match=why):
        check_new_password(password, EMAIL)


def test_the_list_holds_what_could_be_chosen():
    assert len(COMMON) > 150
    assert all(len(password) >= 10 and password == password.casefold() for password in COMMON)


@given(st.sampled_from(sorted(COMMON)), st.sampled_from(["", "!", "!!", "?", "."]))
def test_no_common_one_passes_in_any_case(password, tail):
    for spelled in (password, password.upper(), password.title()):
        with pytest.raises(ValueError):
            check_new_password(spelled + tail, EMAIL)
