"""The health of a version: one number from 0 to 100. Pure.

Each answer is worth 1 when it came without a server error within a quarter of the limit on p95, a
half when it came within the limit, and nothing otherwise; health is a hundred times the mean. That
is the Apdex score with the limit as its upper threshold, where errors count as frustrating.
Source: Apdex Alliance, "Application Performance Index", version 1.1 (2007).
"""

from __future__ import annotations

from chalicelib.traffic.rules import histogram
from chalicelib.traffic.rules.counts import Counts


def worth(counts: Counts, p95_ms: float) -> tuple[int, int, int]:
    """How many answers are worth 1, a half and nothing.

    Errors are taken off the fast ones, then off those within the limit: how long which of them
    took is not counted.
    """
    slow = histogram.slower_than(counts.times, p95_ms)
    half = histogram.slower_than(counts.times, p95_ms / 4) - slow
    full = sum(counts.times.values()) - half - slow
    off_full = min(full, counts.s5)
    off_half = min(half, counts.s5 - off_full)
    return full - off_full, half - off_half, slow + off_full + off_half


def health(counts: Counts, p95_ms: float) -> float | None:
    """The score, with one decimal; None without answers."""
    full, half, nothing = worth(counts, p95_ms)
    answers = full + half + nothing
    return round(100 * (full + half / 2) / answers, 1) if answers else None
