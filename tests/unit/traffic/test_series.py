"""Ranges of traffic, and what is put together in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import clock
from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules import series
from chalicelib.traffic.rules.counts import Counts

NOW = clock.ms("2026-11-22T05:17:31.000Z")
numbers = st.integers(0, 2**40)
counts = st.builds(
    Counts,
    *[numbers] * 7,
    times=st.dictionaries(st.integers(0, 64), st.integers(1, 2**40), max_size=8),
)


@pytest.mark.parametrize(
    ("name", "seconds", "first"),
    [
        ("1h", 3600, "2026-11-22T04:18:00.000Z"),
        ("24h", 24 * 3600, "2026-11-21T06:00:00.000Z"),
        ("7d", 7 * 86_400, "2026-11-15T06:00:00.000Z"),
        ("30d", 30 * 86_400, "2026-10-23T12:00:00.000Z"),
    ],
)
def test_a_range_is_as_long_as_its_name_and_ends_now(name: str, seconds: int, first: str) -> None:
    span = series.span(name, NOW)
    assert (span.until - span.since, clock.iso(span.since)) == (seconds * 1000, first)
    assert span.since < NOW < span.until
    assert span.until - NOW <= span.step * 1000
    assert len(span.starts) == span.count


@given(st.lists(st.tuples(st.integers(-120, 120), st.sampled_from("ab"), counts)), st.randoms())
def test_all_of_it_is_somewhere_in_any_order(
    found: list[tuple[int, str, Counts]], random: object
) -> None:
    span = series.span("24h", NOW)
    told = [(span.since + hours * 1_800_000, who, one) for hours, who, one in found]
    seen = series.seen(span, told)
    random.shuffle(told)  # type: ignore[attr-defined]
    assert series.seen(span, told) == seen
    assert counting.total(seen.steps.values()) == seen.totals
    assert counting.total(seen.deployments.values()) == seen.totals
    assert set(seen.steps) <= set(span.starts)
    inside = [one for at, _, one in told if span.since <= at < span.until]
    assert seen.totals == counting.total(inside)


@given(counts)
def test_counts_survive_being_numbers(one: Counts) -> None:
    assert counting.of_numbers(one.numbers()) == one
