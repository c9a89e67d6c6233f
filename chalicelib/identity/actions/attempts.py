"""Wrong answers, counted before they are checked so that parallel ones cannot slip through.

Each kind of answer has counters of its own, whose names nobody can make by typing one.
"""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.errors import TooMany
from chalicelib.core.limits import network
from chalicelib.identity import rows
from chalicelib.identity.rules import (
    FAILURES_ALLOWED,
    FAILURES_FROM_ONE_PLACE,
    PLACE_SECONDS,
    failure_window,
    locked_for,
)


def count_from(ip: str) -> rows.FailureRow:
    """Count an attempt from a network address; `forgive` it when it was a good one.

    Raises TooMany `too_many_attempts` after a hundred failures in a quarter of an hour, so that
    nobody tries one password on everybody.
    """
    return count("from", network(ip), FAILURES_FROM_ONE_PLACE)


def count_sign_in(email: str, ip: str) -> rows.FailureRow:
    """Count an attempt to sign in with a password; as `count`.

    A network where this address signed in before has a counter of its own, so that a stranger who
    types wrong passwords elsewhere keeps nobody out for as long as they like.
    """
    place = network(ip)
    known = rows.knows_place(email, place)
    return count("sign-in", f"{email} {place}" if known else email)


def remember_place(email: str, ip: str) -> None:
    """Note that a person of this address has proved who they are from there."""
    rows.new_place(email, network(ip), clock.epoch(PLACE_SECONDS)).save()


def forgive_sign_ins(email: str) -> None:
    """Let an address in again that was locked out where nobody knows it."""
    rows.failures(f"sign-in:{email}", failure_window(clock.epoch())).delete()


def forgive(attempts: rows.FailureRow) -> None:
    """Take one attempt back. Others stay counted: a guesser has an account of their own, too."""
    attempts.update(actions=[rows.FailureRow.made.add(-1)])


def count(kind: str, who: str, allowed: int = FAILURES_ALLOWED) -> rows.FailureRow:
    """Count an attempt of a kind at `who`; delete the counter when it was a good one.

    Raises TooMany `too_many_attempts` after ten failures in a quarter of an hour.
    """
    now = clock.epoch()
    attempts = rows.failures(f"{kind}:{who}", failure_window(now))
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
