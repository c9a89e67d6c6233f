"""Cursors open the list they come from, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chalicelib.core import paging
from chalicelib.core.errors import Problem

PLACES = st.dictionaries(st.text(max_size=8), st.dictionaries(st.text(max_size=1), st.text()))


@pytest.fixture(autouse=True, scope="module")
def _secret():
    paging.secret_from(lambda: b"k" * 32)


@given(PLACES, st.text())
def test_back_and_forth(place, binding):
    if any("\ud800" <= c <= "\udfff" for c in binding):
        return
    assert paging.decode(paging.encode(place, binding), binding) == place


@given(st.text())
def test_any_text_is_an_invalid_cursor(text):
    with pytest.raises(Problem) as found:
        paging.decode(text, "b")
    assert (found.value.status, found.value.code) == (400, "invalid_cursor")


@given(st.data())
def test_no_character_may_change(data):
    cursor = paging.encode({"pk": {"S": "TEAM#1"}}, "list")
    at = data.draw(st.integers(0, len(cursor) - 2))
    other = data.draw(st.sampled_from("ABCDwxyz0189-_")).replace(cursor[at], "#")
    with pytest.raises(Problem):
        paging.decode(cursor[:at] + other + cursor[at + 1 :], "list")


def test_bound_and_opaque():
    cursor = paging.encode({"pk": {"S": "TEAM#1"}}, "mine")
    with pytest.raises(Problem):
        paging.decode(cursor, "yours")
    assert "TEAM" not in cursor


@pytest.mark.parametrize("limit", [0, -1, 101, 10**9])
def test_range(limit):
    with pytest.raises(ValidationError, match="1 to 100"):
        paging.PageQuery(limit=limit)
