"""How often somebody may ask: classes of requests, and the arithmetic of a bucket of tokens.

A bucket is kept as one moment, the *theoretical arrival time* of the generic cell rate algorithm
(ITU-T I.371): as far as it lies in the future, so much of the bucket is used up. That says the same
as a number of tokens and the moment of its last refill, in one number that only grows.

All moments and spans are whole microseconds: a key with 7,000 requests a minute has an interval
that milliseconds could not hold.
"""

from __future__ import annotations

from dataclasses import dataclass

MINUTE = 60_000_000


@dataclass(frozen=True)
class Class:
    """A kind of request: `rate` a minute on average, `burst` at once.

    `closed` says what happens when nobody can count: refuse, or let pass. `what` are its requests,
    in the words of a refusal.
    """

    name: str
    rate: int
    burst: int
    what: str
    closed: bool = False


CLASSES: dict[str, Class] = {
    found.name: found
    for found in (
        Class("read", 1200, 300, "reads"),
        Class("write", 300, 100, "changes"),
        Class("expensive", 60, 20, "expensive requests"),
        Class("sign_in", 30, 15, "attempts to sign in", closed=True),
        Class("mail", 10, 5, "requests that send mail", closed=True),
        Class("public", 600, 200, "requests without signing in"),
        Class("refused", 300, 100, "requests with no token that is good"),
        Class("runner", 1200, 300, "requests of a build"),
        Class("hook", 3000, 1000, "announcements of pushes"),
    )
}
"""By name. A route names one of them; see `core/limits.py` for what a route without one gets."""

FREE = "none"
"""The class of what asks no database: counting it would cost more than answering it."""


@dataclass(frozen=True)
class Bucket:
    """A bucket of `burst` tokens, one more every `interval` microseconds."""

    interval: int
    burst: int

    @property
    def window(self) -> int:
        """Seconds in which an empty bucket fills up, as `w` of `RateLimit-Policy` says it."""
        return max(1, -(-self.burst * self.interval // 1_000_000))

    def latest(self, now: int) -> int:
        """The latest arrival time at which one more request is in time."""
        return now + (self.burst - 1) * self.interval

    def left(self, arrival: int, now: int) -> int:
        """How many requests would be taken right now."""
        used = max(0, arrival - now)
        return max(0, self.burst - -(-used // self.interval))

    def more_in(self, arrival: int, now: int) -> int:
        """Seconds, rounded up, until one more request would be taken than now."""
        used = max(0, arrival - now)
        taken = -(-used // self.interval)
        wait = used - (min(taken, self.burst) - 1) * self.interval if taken else 0
        return -(-wait // 1_000_000)


def bucket(rate: float, burst: float) -> Bucket:
    """A bucket for `rate` requests a minute; both are rounded so that neither is exceeded."""
    return Bucket(max(1, -int(-MINUTE // max(rate, 0.01))), max(1, int(burst)))
