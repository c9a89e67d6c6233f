"""Codes that people type, and how often a device may ask."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules import device

codes = st.text(device.ALPHABET, min_size=8, max_size=8)


def test_codes_spell_nothing_and_cannot_be_misread():
    assert not set(device.ALPHABET) & set("AEIOUYL0123456789")
    assert len(set(device.ALPHABET)) ** device.LENGTH > 2**33
    made = {device.new_user_code() for _ in range(500)}
    assert len(made) == 500
    assert all(device.normal_user_code(code) == code for code in made)


@given(codes, st.sampled_from(["", " ", "-", "_", "  "]), st.booleans())
def test_it_does_not_matter_how_a_code_is_typed(code, between, small):
    typed = f" {code[:4]}{between}{code[4:]} "
    assert device.normal_user_code(typed.lower() if small else typed) == code
    assert device.normal_user_code(device.shown(code)) == code


@given(st.text(max_size=20))
def test_anything_else_is_no_code(text):
    found = device.normal_user_code(text)
    assert found is None or (len(found) == 8 and set(found) <= set(device.ALPHABET))


@given(st.integers(5, 60), st.floats(0, 120))
def test_only_who_asks_too_early_has_to_slow_down(interval, waited):
    after = device.next_interval(interval, waited)
    assert after == (interval if waited >= interval - 1 else interval + 5)
