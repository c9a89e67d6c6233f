"""Whatever bytes arrive, the answer is an object or one of our problems."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.errors import Problem
from chalicelib.core.jsonbody import MAX_DEPTH, check_text, parse_object

CODES = {
    "invalid_json",
    "duplicate_key",
    "invalid_number",
    "too_deep",
    "invalid_characters",
}
FINE = st.characters(
    exclude_categories=["Cs"],
    exclude_characters="\x00\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(FINE, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(FINE, max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text(FINE, max_size=8), VALUES, max_size=5))
def test_what_json_writes_we_read(content):
    assert parse_object(json.dumps(content).encode()) == content
    assert parse_object(json.dumps(content, ensure_ascii=False).encode()) == content


@given(st.binary(max_size=200) | st.text('{}[]":,\\0123456789.eE-+NaIntyfrulsxd ').map(str.encode))
def test_any_bytes_give_an_object_or_our_problem(raw):
    problem = None
    try:
        assert isinstance(parse_object(raw), dict)
    except Problem as error:
        problem = error
    if problem is not None:
        assert problem.code in CODES
        assert problem.status in {400, 422}


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_deep_nesting_is_refused_at_once(opening):
    started = time.process_time()
    with pytest.raises(Problem) as found:
        parse_object(opening * 100_000)
    assert found.value.code == "too_deep"
    assert time.process_time() - started < 1


def test_depth_counts_structure_and_not_text():
    text = "[" * (MAX_DEPTH * 3)
    assert parse_object(json.dumps({"a": text, 'b"\\': text}).encode())["a"] == text


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "\u202e", "\u2066"])
def test_forbidden_characters_anywhere(bad):
    for content in ({"a": bad}, {bad: 1}, {"a": [{"b": bad}]}):
        with pytest.raises(Problem, match="not allowed"):
            check_text(content, "")
