"""Codes, recovery codes and relying parties, without a database."""

from __future__ import annotations

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.identity.rules import (
    RECOVERY_CODES,
    RelyingParty,
    new_recovery_codes,
    normal_code,
    normal_recovery_code,
    relying_party,
    steps_near,
)

# RFC 6238, appendix B, SHA-1, as six digits: seconds and code
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = {
    59: "287082", 1111111109: "081804", 1111111111: "050471",
    1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
}  # fmt: skip


@pytest.mark.parametrize("moment", VECTORS)
def test_the_vectors_of_the_rfc(moment):
    assert pyotp.TOTP(SECRET).generate_otp(steps_near(moment)[0]) == VECTORS[moment]


@given(st.integers(0, 2**40))
def test_three_steps_are_near_and_this_one_comes_first(now):
    steps = steps_near(now)
    assert sorted(steps) == [now // 30 - 1, now // 30, now // 30 + 1]
    assert steps[0] == now // 30


@given(st.integers(0, 999_999), st.sampled_from(["{}{}", "{} {}", " {}{} "]))
def test_codes_as_people_type_them(number, shape):
    text = f"{number:06d}"
    assert normal_code(shape.format(text[:3], text[3:])) == text


@given(st.text(max_size=10))
def test_a_code_is_six_ascii_digits_or_nothing(text):
    code = normal_code(text)
    assert code == "" or (len(code) == 6 and code.isascii() and code.isdigit())


def test_recovery_codes_are_many_and_different():
    seen = {code for _ in range(200) for code in new_recovery_codes()}
    assert len(seen) == 200 * RECOVERY_CODES
    assert all(normal_recovery_code(code) == code.replace("-", "") for code in seen)
    assert {len(code) for code in seen} == {19}


@given(st.sampled_from(new_recovery_codes()), st.randoms(use_true_random=False))
def test_recovery_codes_as_people_read_them(code, chance):
    typed = "".join(
        chance.choice({"0": "0oO", "1": "1iIlL"}.get(c, c + c.upper())) for c in code
    ).replace("-", chance.choice(["-", " ", ""]))
    assert normal_recovery_code(f" {typed} ") == normal_recovery_code(code)


@given(st.text(max_size=30))
def test_what_is_no_recovery_code_is_nothing(text):
    code = normal_recovery_code(text)
    assert code == "" or (len(code) == 16 and code.isascii() and code.isalnum())


@pytest.mark.parametrize(
    ("console", "api", "found"),
    [
        ("", "http://localhost:8080", ("localhost", "http://localhost:8080")),
        ("", "https://api.example.com/v1", ("api.example.com", "https://api.example.com")),
        ("https://deck.example.com/app", "https://api.example.com",
         ("deck.example.com", "https://deck.example.com")),
        ("https://example.com:443/", "https://api.example.com:8443",
         ("example.com", "https://example.com", "https://api.example.com:8443")),
        ("https://Deck.Example.com", "", ("deck.example.com", "https://deck.example.com")),
        ("", "http://api.example.com", None),
        ("", "https://10.0.0.1", None),
        ("", "https://[::1]:8080", None),
        ("http://deck.example.com", "https://api.example.com", None),
    ],
)  # fmt: skip
def test_relying_parties(console, api, found):
    wanted = RelyingParty(found[0], found[1:]) if found else None
    assert relying_party(console, api) == wanted
