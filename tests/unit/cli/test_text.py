"""Foreign text cannot do anything to a terminal but be read."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.text import age, clean, clock, one_line, seconds_between, size

SGR = re.compile(r"\x1b\[[0-9;:]*m")
NASTY = st.text(
    st.one_of(
        st.sampled_from("\x1b\x9b\x9d\x07\r\n\x08[]m?;0123ABHJKhl\\P_^\u202e\u2028\x7f\x00\ud800"),
        st.characters(),
    ),
    max_size=60,
)


def is_control(character: str) -> bool:
    category = unicodedata.category(character)
    bidi = character in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return (category in ("Cc", "Cs", "Zl", "Zp") and character != "\t") or bidi


@given(NASTY)
def test_without_colour_no_control_character_is_left(text):
    assert not any(is_control(c) for c in clean(text))


@given(NASTY)
def test_with_colour_only_colours_are_left(text):
    cleaned = clean(text, ansi=True)
    assert not any(is_control(c) for c in SGR.sub("", cleaned))
    if "\x1b" in cleaned:
        assert cleaned.endswith(("\x1b[0m", "\x1b[m")), "the next line has its own colour"


@given(NASTY, st.booleans())
def test_cleaning_twice_changes_nothing(text, ansi):
    assert clean(clean(text, ansi=ansi), ansi=ansi) == clean(text, ansi=ansi)


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=60))
def test_honest_text_stays(text):
    assert clean(text) == clean(text, ansi=True) == text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\x", "x"),
        ("\x1b[2J\x1b[H\x1b[?25lgone", "gone"),
        ("\x9b31mred", "red"),
        ("\x1b[38;5;196mred\x1b[0m", "red"),
        ("\x1bc\x1b7x", "x"),
        ("\x1b]52;c;aGk=", "]52;c;aGk="),
        ("safe\r\n", "safe"),
        ("99%\rOK", "99%␍OK"),
        ("a\x08b\x7f", "a␈b␡"),
        ("\u202etxt.exe", "\ufffdtxt.exe"),
    ],
)
def test_known_attacks(text, plain):
    assert clean(text).removeprefix("␛") == plain


def test_colours_stay_and_end():
    assert clean("\x1b[31mred", ansi=True) == "\x1b[31mred\x1b[0m"
    assert clean("\x1b[31mred\x1b[0m", ansi=True) == "\x1b[31mred\x1b[0m"


@given(NASTY)
def test_messages_are_one_line(text):
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (12_345, "12 KB"),
        (999_999, "1.0 MB"),
        (3_000_000_000, "3.0 GB"),
        (10**16, "10000 TB"),
    ],
)
def test_sizes(count, shown):
    assert size(count) == shown


@given(st.integers())
def test_any_time_can_be_shown(milliseconds):
    assert len(clock(milliseconds)) == 12


def test_ages():
    now = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
    assert age("2026-01-02T11:59:48.000Z", now) == "12s"
    assert age("2026-01-02T09:00:00Z", now) == "3h"
    assert age("2025-12-29T12:00:00Z", now) == "4d"
    assert age("2027-01-01T00:00:00Z", now) == "0s"
    assert age("nonsense", now) == age(None, now) == "-"
    assert seconds_between("2026-01-02T11:59:48Z", "2026-01-02T11:59:49.250Z") == "1.2s"
    assert seconds_between("x", None) == ""
