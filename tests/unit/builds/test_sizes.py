"""Which machine a build gets, and what a plan allows."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chalicelib.builds.rules import sizes
from chalicelib.teams.rules import plans
from chalicelib.teams.rules.plans import LIMITS, PLANS


@pytest.mark.parametrize(
    ("asked", "largest", "gets", "told"),
    [
        (None, "large", "medium", False),
        ("small", "large", "small", False),
        ("large", "large", "large", False),
        ("large", "medium", "medium", True),
        ("medium", "small", "small", True),
        (None, "small", "small", False),
        ("huge", "large", "medium", False),
        (7, "medium", "medium", False),
    ],
)
def test_which(asked: object, largest: sizes.SizeName, gets: str, told: bool) -> None:
    chosen = sizes.choose(asked, largest, "free")
    assert (chosen.size.name, bool(chosen.why)) == (gets, told)
    assert not told or f"gets {gets}, not {asked}" in chosen.why


def test_each_size_is_larger_than_the_one_before() -> None:
    for less, more in pairwise(sizes.NAMES):
        a, b = sizes.SIZES[less], sizes.SIZES[more]
        assert (a.memory_mb, a.cpus, a.disk_mb) < (b.memory_mb, b.cpus, b.disk_mb)


def test_each_plan_gives_at_least_what_the_one_before_gives() -> None:
    assert set(LIMITS) == set(PLANS)
    for less, more in pairwise(PLANS):
        a, b = LIMITS[less], LIMITS[more]
        assert a.parallel_builds < b.parallel_builds <= 100  # slots have two digits
        assert a.build_minutes < b.build_minutes
        assert sizes.NAMES.index(a.largest_size) <= sizes.NAMES.index(b.largest_size)


@pytest.mark.parametrize(
    ("plan", "least", "counts"),
    [
        ("free", "enterprise", "enterprise"),
        ("free", "free", "free"),
        ("business", "pro", "business"),
        ("pro", "nonsense", "pro"),
        ("nonsense", "nonsense", "free"),
    ],
)
def test_whose_limits_count(plan: str, least: str, counts: str) -> None:
    assert plans.counted(plan, least) == counts
