"""Sealed values: back and forth, and no byte and no context may differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import crypto
from tests.fakes import FakeKeys

KEYS = FakeKeys()
CONTEXT = {"project": "prj_1", "name": "A"}


@given(st.binary(max_size=300), st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_what_was_sealed_opens(plain, context):
    assert crypto.unseal(KEYS, crypto.seal(KEYS, plain, context), context) == plain


@given(st.data())
def test_no_byte_may_change(data):
    sealed = bytearray(crypto.seal(KEYS, b"a secret", CONTEXT))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError):
        crypto.unseal(KEYS, bytes(sealed), CONTEXT)


@given(st.integers(0, 200))
def test_no_part_may_miss(length):
    sealed = crypto.seal(KEYS, b"a secret", CONTEXT)
    if length < len(sealed):
        with pytest.raises(ValueError):
            crypto.unseal(KEYS, sealed[:length], CONTEXT)


@given(st.binary(max_size=100))
def test_any_bytes_are_refused_clearly(raw):
    with pytest.raises(ValueError):
        crypto.unseal(KEYS, raw, CONTEXT)


def test_context_is_bound():
    sealed = crypto.seal(KEYS, b"a secret", CONTEXT)
    for other in ({}, {"project": "prj_2", "name": "A"}, {**CONTEXT, "x": ""}):
        with pytest.raises(ValueError):
            crypto.unseal(KEYS, sealed, other)


def test_a_data_key_is_used_once():
    assert crypto.seal(KEYS, b"same", CONTEXT) != crypto.seal(KEYS, b"same", CONTEXT)


def test_derived_keys_differ_by_purpose_and_salt():
    found = {
        crypto.derive(b"s", "a"),
        crypto.derive(b"s", "b"),
        crypto.derive(b"s", "a", b"1"),
        crypto.derive(b"t", "a"),
    }
    assert len(found) == 4
