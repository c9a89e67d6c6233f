"""Counting requests over a sliding window, in bounded memory."""

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 100_000
"""So many values are counted at once; beyond them the one that was quiet longest is forgotten."""


class SlidingCounter:
    """Counts by windows of the clock; of the one before, the part that the last seconds reach into.

    That is an estimate: it takes the requests of the window before as evenly spread. It needs
    three numbers a value, however many requests there are. `now` is seconds, for tests.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._now = now
        self._most = most
        self._counts: OrderedDict[bytes, tuple[int, int, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def over(self, key: tuple[str, str], window: int, limit: int) -> int:
        """Count one; seconds to wait when that is more than `limit` in `window` s, else 0.

        What is refused is counted as well, up to twice the limit: who goes on knocking stays out,
        and is let in again at most two windows after they stopped.
        """
        slot = hashlib.blake2b(
            f"{key[0]}\0{window}\0{key[1]}".encode("utf-8", "surrogateescape"), digest_size=16
        ).digest()
        now = self._now()
        number, into = int(now // window), now % window
        seen, before, here = self._counts.pop(slot, (number, 0, 0))
        if seen != number:
            before, here = (here if seen == number - 1 else 0), 0
        here = min(here + 1, 2 * limit)
        self._counts[slot] = (number, before, here)
        if len(self._counts) > self._most:
            self._counts.popitem(last=False)
        share = before * (1 - into / window) + here
        return 0 if share <= limit else _wait(before, here, window, into, limit - 1)


def _wait(before: int, here: int, window: int, into: float, limit: int) -> int:
    """Seconds until the estimate is `limit` when nothing more comes; at least 1."""
    if here <= limit:  # as soon as enough of the window before is out of reach
        left = window * (1 - (limit - here) / before) - into
    else:  # the next window has to begin, and reach away from this one
        left = window - into + window * (1 - limit / here)
    return max(1, math.ceil(left))
