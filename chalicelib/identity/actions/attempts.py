"""Wrong answers, counted before they are checked so that parallel ones cannot slip through."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.errors import TooMany
from chalicelib.core.limits import network
from chalicelib.identity import rows
from chalicelib.identity.rules import (
    FAILURES_ALLOWED,
    FAILURES_FROM_ONE_PLACE,
    failure_window,
    locked_for,
)


def count_from(ip: str) -> rows.FailureRow:
    """Count an attempt from a network address; `forgive` it when it was a good one.

    Raises TooMany `too_many_attempts` after a hundred failures in a quarter of an hour, so that
    nobody tries one password on everybody.
    """
    return count(f"from:{network(ip)}", FAILURES_FROM_ONE_PLACE)


def forgive(attempts: rows.FailureRow) -> None:
    """Take one attempt back. Others stay counted: a guesser has an account of their own, too."""
    attempts.update(actions=[rows.FailureRow.made.add(-1)])


def count(what: str, allowed: int = FAILURES_ALLOWED) -> rows.FailureRow:
    """Count an attempt at `what`, such as an e-mail; delete the counter when it was a good one.

    Raises TooMany `too_many_attempts` after ten failures in a quarter of an hour.
    """
    now = clock.epoch()
    attempts = rows.failures(what, failure_window(now))
    attempts.update(
        actions=[
            rows.FailureRow.made.set((rows.FailureRow.made | 0) + 1),
            rows.FailureRow.ttl.set(now + 3600),
        ]
    )
    wait = locked_for(int(attempts.made), now, allowed)
    if wait:
        raise TooMany(
            "too_many_attempts",
            f"Too many failed attempts to prove who this is; try again in {wait} seconds.",
            hint="Wait, then check what you type: e-mail, password, code.",
            headers={"Retry-After": str(wait)},
        )
    return attempts
