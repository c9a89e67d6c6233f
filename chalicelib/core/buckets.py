"""Buckets of one thing each: the deploy hook that is called, the site whose password is tried.

They stand beside the limits of `limits.py`, which count for whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from chalicelib.core import rates
from chalicelib.core.config import settings
from chalicelib.core.errors import Unavailable
from chalicelib.core.limits import Limiter
from chalicelib.core.table import out_of_reach


@lru_cache(maxsize=1)
def limiter() -> Limiter:
    """The one that counts here, by the rate factor of the installation."""
    return Limiter(settings().rate_factor)


@dataclass(frozen=True)
class Buckets:
    """Buckets of a kind, one a thing: so many tokens a minute come back, so many lie ready."""

    kind: str
    a_minute: int
    at_once: int

    def take(self, thing: str) -> int:
        """Take a token; 0, or in how many seconds the next is there.

        Raises Unavailable while nobody can count; whether one goes on uncounted is the caller's.
        """
        counting = limiter()
        if counting.factor <= 0:
            return 0
        whole = rates.bucket(self.a_minute * counting.factor, self.at_once * counting.factor)
        now = counting.now()
        try:
            taken = counting.take(f"RATE#{self.kind}#{thing}", whole, now)
        except Exception as error:
            if not out_of_reach(error):
                raise
            raise Unavailable(
                "limits_unavailable",
                "Nobody can count right now, so none are taken.",
                hint="The same request may work in a moment.",
            ) from error
        return 0 if taken.allowed else whole.more_in(taken.arrival, now)
