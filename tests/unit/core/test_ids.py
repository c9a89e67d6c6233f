"""Ids: shape, order, and that nothing else passes for one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import ids

MOMENTS = st.integers(0, 2**48 - 1)


@given(MOMENTS)
def test_shape(ms):
    identifier = ids.new("dpl", ms)
    assert ids.is_id(identifier, "dpl")
    assert not ids.is_id(identifier, "prj")
    assert len(ids.label(identifier)) == 26


@given(MOMENTS, MOMENTS)
def test_sorted_by_time(a, b):
    if a < b:
        assert ids.ulid(a) < ids.ulid(b)


@given(MOMENTS, st.text(min_size=1, max_size=10))
def test_same_seed_same_id(ms, seed):
    assert ids.new("dpl", ms, seed) == ids.new("dpl", ms, seed)


@given(st.text(max_size=40))
def test_other_texts_are_no_ids(text):
    if ids.is_id(text, "prj"):
        assert set(text[4:]) <= set("0123456789abcdefghjkmnpqrstvwxyz")
        assert "#" not in text
    assert not ids.is_id(ids.new("prj") + text, "prj") or not text
