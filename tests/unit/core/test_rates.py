"""The arithmetic of limits against a plain bucket of tokens."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.core.rates import CLASSES, Bucket, bucket


class Tokens:
    """The textbook's bucket: a number of tokens, refilled by the time that went by."""

    def __init__(self, whole: Bucket, now: int) -> None:
        self.whole, self.tokens, self.at = whole, Fraction(whole.burst), now

    def ask(self, now: int) -> bool:
        self.fill(now)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def fill(self, now: int) -> None:
        more = Fraction(now - self.at, self.whole.interval)
        self.tokens, self.at = min(Fraction(self.whole.burst), self.tokens + more), now


def ask(whole: Bucket, arrival: int, now: int) -> tuple[bool, int]:
    if arrival > whole.latest(now):
        return False, arrival
    return True, max(arrival, now) + whole.interval


buckets = st.builds(Bucket, st.integers(1, 10_000_000), st.integers(1, 50))
pauses = st.lists(st.integers(0, 30_000_000) | st.integers(0, 10), min_size=1, max_size=120)


@given(buckets, pauses)
@settings(max_examples=400, deadline=None)
def test_it_decides_as_a_bucket_of_tokens(whole, waits):
    now, arrival = 1_800_000_000_000_000, 0
    tokens = Tokens(whole, now)
    for wait in waits:
        now += wait
        taken, arrival = ask(whole, arrival, now)
        assert taken == tokens.ask(now)
        assert whole.left(arrival, now) == int(tokens.tokens)


@given(buckets, pauses)
@settings(max_examples=300, deadline=None)
def test_no_window_holds_more_than_the_burst_and_what_came_back(whole, waits):
    now, arrival, taken = 1_800_000_000_000_000, 0, []
    for wait in waits:
        now += wait
        allowed, arrival = ask(whole, arrival, now)
        if allowed:
            taken.append(now)
    for start in range(len(taken)):
        for end in range(start, len(taken)):
            span = taken[end] - taken[start]
            assert end - start + 1 <= whole.burst + span // whole.interval


@given(buckets, pauses)
@settings(max_examples=300, deadline=None)
def test_whoever_waits_as_told_is_taken_and_a_second_earlier_is_not(whole, waits):
    now, arrival = 1_800_000_000_000_000, 0
    for wait in [*waits, *[0] * (whole.burst + 1)]:
        now += wait
        _, arrival = ask(whole, arrival, now)
    seconds = whole.more_in(arrival, now)
    left = whole.left(arrival, now)
    assert whole.left(arrival, now + seconds * 1_000_000) > left or left == whole.burst
    if seconds > 1:
        assert whole.left(arrival, now + (seconds - 1) * 1_000_000) == left


@given(st.floats(0.01, 1e8), st.floats(0.01, 1e6))
def test_rounding_never_gives_more(rate, burst):
    whole = bucket(rate, burst)
    assert 60_000_000 / whole.interval <= max(rate, 0.01) * 1.000001 or whole.interval == 1
    assert whole.burst <= max(1, burst)


def test_the_header_of_reading_is_the_one_that_is_documented():
    read = CLASSES["read"]
    whole = bucket(read.rate, read.burst)
    assert (whole.interval, whole.burst, whole.window) == (50_000, 300, 15)


def test_the_page_names_every_class_with_its_figures():
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ([\d,]+) \| ([\d,]+) \|", page, re.M)
    described = {n: (int(r.replace(",", "")), int(b.replace(",", ""))) for n, r, b in rows}
    assert described == {found.name: (found.rate, found.burst) for found in CLASSES.values()}
