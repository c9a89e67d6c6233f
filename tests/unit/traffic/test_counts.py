"""Counts and histograms: they add up, and a quantile is never below the truth."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.traffic.rules import batches, histogram
from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts

DURATIONS = st.lists(st.floats(0, 50_000), min_size=1, max_size=200)
SITE, DEPLOYMENT = "prj_" + "0" * 26, "dpl_" + "0" * 26


def counted(durations: list[float]) -> dict[int, int]:
    found: dict[int, int] = {}
    for one in durations:
        at = histogram.bucket(one)
        found[at] = found.get(at, 0) + 1
    return found


@given(DURATIONS, st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_above_the_truth_by_a_fifth_at_most(
    durations: list[float], share: float
) -> None:
    import math

    exact = sorted(durations)[max(0, math.ceil(share * len(durations) - 1e-9) - 1)]
    found = histogram.quantile_ms(counted(durations), share)
    assert found is not None
    assert found >= exact - 0.06
    assert found <= max(1.0, exact * 2 ** (1 / 4)) + 0.06


@given(st.floats(0, 200_000))
def test_a_duration_is_in_its_bucket(milliseconds: float) -> None:
    at = histogram.bucket(milliseconds)
    assert 0 <= at <= histogram.LAST
    if at < histogram.LAST:
        assert milliseconds <= histogram.upper_ms(at) * (1 + 1e-9)
    if at:
        assert milliseconds > histogram.upper_ms(at - 1) * (1 - 1e-9)


def test_what_surely_took_longer() -> None:
    found = counted([10, 900, 1000, 1020, 1030, 5000])
    assert histogram.slower_than(found, 1000) == 2  # 1020 shares a bucket with 1000
    assert histogram.quantile({}, 0.95) is None


NUMBERS = st.integers(0, 10**6)
COUNTS = st.builds(
    Counts,
    *(NUMBERS,) * 7,
    times=st.dictionaries(st.integers(0, 64), st.integers(1, 10**6), max_size=20),
)


@given(COUNTS, COUNTS)
def test_what_was_added_can_be_taken_off(one: Counts, other: Counts) -> None:
    assert (one + other) - other == one
    assert one + other == other + one
    assert counting.total([one, other]) == one + other
    assert counting.read(one.told()) == one


def test_nothing_is_less_than_zero() -> None:
    assert Counts(requests=1) - Counts(requests=5, times={3: 2}) == Counts()


@pytest.mark.parametrize(
    "told",
    [
        {"requests": -1},
        {"requests": 1.5},
        {"requests": "many"},
        {"requests": True},
        {"requests": 2**53},
        {"times": {"65": 1}},
        {"times": {"-1": 1}},
        {"times": [1]},
        {"times": {"3": -1}},
    ],
)
def test_what_no_edge_counts_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        counting.read(told)


def row(**changes: object) -> dict[str, object]:
    return {
        "site": SITE,
        "deployment": DEPLOYMENT,
        "minute": "2026-11-22T00:30",
        "kind": "live",
        "requests": 3,
    } | changes


def test_a_batch_is_read_as_it_was_told() -> None:
    rng = random.Random(3)
    rows = [
        Told(SITE, DEPLOYMENT, f"2026-11-22T00:{n:02d}", "live", Counts(rng.randint(1, 99)))
        for n in range(30)
    ]
    assert batches.read(batches.batch("edge-1", rows)) == ("edge-1", rows)


@pytest.mark.parametrize(
    "batch",
    [
        {},
        {"version": 2, "source": "e", "rows": []},
        {"version": 1, "source": "E#", "rows": []},
        {"version": 1, "source": "e", "rows": {}},
        {"version": 1, "source": "e", "rows": [row()] * 201},
        *(
            {"version": 1, "source": "e", "rows": [wrong]}
            for wrong in (
                "row",
                row(site="prj_1"),
                row(site="prj_" + "0" * 26 + "#x"),
                row(deployment=None),
                row(minute="2026-11-22T00:30:00"),
                row(minute="yesterday"),
                row(kind="other"),
                row(requests=-3),
            )
        ),
    ],
)
def test_a_batch_that_is_none_is_refused(batch: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        batches.read(batch)
