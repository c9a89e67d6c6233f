"""How many wrong answers are too many."""

from __future__ import annotations

FAILURES_ALLOWED = 10
FAILURES_FROM_ONE_PLACE = 100
"""From one network address, whoever was tried: many people may share one, and so may guessers."""

FAILURE_WINDOW_SECONDS = 15 * 60
PLACE_SECONDS = 90 * 24 * 3600
"""How long a network counts as one where somebody signed in before."""


def locked_for(failures: int, now: int, allowed: int = FAILURES_ALLOWED) -> int:
    """Seconds that an e-mail may not sign in after so many failures; 0 = it may."""
    if failures <= allowed:
        return 0
    return FAILURE_WINDOW_SECONDS - now % FAILURE_WINDOW_SECONDS


def failure_window(now: int) -> int:
    """Number of the quarter of an hour in which failures are counted together."""
    return now // FAILURE_WINDOW_SECONDS
