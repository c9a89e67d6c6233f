"""Counts that grow, answer by answer. Pure."""

from __future__ import annotations

from chalicelib.traffic.rules.counts import Counts
from chalicelib.traffic.rules.histogram import bucket


class Tally:
    """What is counted while it happens; `counts` is how it stands."""

    __slots__ = ("_statuses", "_times", "bytes", "hits", "requests")

    def __init__(self) -> None:
        self.requests = self.bytes = self.hits = 0
        self._statuses = [0] * 6
        self._times: dict[int, int] = {}

    def add(self, status: int, size: int, hit: bool, milliseconds: float, times: int = 1) -> None:
        """Count an answer: its status, its bytes, whether a cache had it, how long it took.

        `times` is how many there were of exactly this kind.
        """
        self.requests += times
        self.bytes += size * times
        self.hits += times if hit else 0
        self._statuses[min(status // 100, 5)] += times
        at = bucket(milliseconds)
        self._times[at] = self._times.get(at, 0) + times

    def counts(self) -> Counts:
        """Everything so far."""
        _, _, s2, s3, s4, s5 = self._statuses
        times = dict(sorted(self._times.items()))
        return Counts(self.requests, self.bytes, s2, s3, s4, s5, self.hits, times)
