"""How long answers took, counted in buckets that grow by a fixed factor. Pure.

Four buckets to a doubling: what is read from a histogram is at most 19 % above the truth, whatever
the scale, and two histograms add up bucket by bucket.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

PER_DOUBLING = 4
LAST = 64
"""Number of the bucket that holds everything beyond 55 seconds."""

Histogram = Mapping[int, int]
"""Number of a bucket -> how many answers are in it; empty ones are left out."""


def bucket(milliseconds: float, last: int = LAST) -> int:
    """The bucket of a duration: 0 up to one millisecond, `last` for the longest."""
    if milliseconds <= 1:
        return 0
    return min(last, math.ceil(PER_DOUBLING * math.log2(milliseconds) - 1e-9))


def upper_ms(number: int) -> float:
    """The longest duration of a bucket in milliseconds."""
    return float(2 ** (number / PER_DOUBLING))


def quantile(histogram: Histogram, share: float) -> int | None:
    """The first bucket up to which at least `share` of all answers lie; None without answers."""
    total = sum(histogram.values())
    if not total:
        return None
    reached = 0
    for number in sorted(histogram):
        reached += histogram[number]
        if reached >= share * total - 1e-9:
            return number
    return max(histogram)


def quantile_ms(histogram: Histogram, share: float) -> float | None:
    """An upper bound of a quantile in milliseconds, such as `share` 0.95; None without answers."""
    number = quantile(histogram, share)
    return None if number is None else round(upper_ms(number), 1)


def beyond(histogram: Histogram, number: int) -> int:
    """How many answers took longer than everything in a bucket."""
    return sum(count for at, count in histogram.items() if at > number)


def slower_than(histogram: Histogram, milliseconds: float) -> int:
    """How many answers surely took longer: those of the buckets that begin beyond a duration."""
    return beyond(histogram, bucket(milliseconds))
