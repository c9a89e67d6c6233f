"""What a team's deployments of a day came to, counted together. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.traffic.rules import histogram

ENDS = ("ready", "failed", "cancelled", "superseded")
LONGEST = 96
"""Bucket of the longest builds, beyond four hours: see `traffic/rules/histogram.py`."""


@dataclass(frozen=True)
class Day:
    """How many ended how, and how long their builds took (a histogram of milliseconds)."""

    ready: int = 0
    failed: int = 0
    cancelled: int = 0
    superseded: int = 0
    builds: Mapping[int, int] = field(default_factory=dict)

    def __add__(self, other: Day) -> Day:
        """Both together."""
        buckets = {*self.builds, *other.builds}
        return Day(
            **{end: getattr(self, end) + getattr(other, end) for end in ENDS},
            builds={b: self.builds.get(b, 0) + other.builds.get(b, 0) for b in sorted(buckets)},
        )

    @property
    def finished(self) -> int:
        """How many ended, however."""
        return self.ready + self.failed + self.cancelled + self.superseded

    @property
    def success_rate(self) -> float | None:
        """The share that became ready of those that did or failed; None without any."""
        tried = self.ready + self.failed
        return round(self.ready / tried, 4) if tried else None

    def build_ms(self, share: float) -> int | None:
        """An upper bound of a quantile of the builds' times in milliseconds; None without any."""
        found = histogram.quantile(self.builds, share)
        return None if found is None else math.ceil(histogram.upper_ms(found))


def total(days: Iterable[Day]) -> Day:
    """All of them together."""
    found = Day()
    for day in days:
        found += day
    return found


def one(state: str, stages: Mapping[str, Any], *, built: bool) -> Day:
    """What one deployment that is over adds; its build counts when it came to its end."""
    ms = build_ms(stages) if built and state in {"ready", "failed"} else None
    builds = {} if ms is None else {histogram.bucket(ms, LONGEST): 1}
    return Day(**{state: 1}, builds=builds)


def build_ms(stages: Mapping[str, Any]) -> int | None:
    """How long the stage `build` took in milliseconds; None when it did not end."""
    times = stages.get("build") or {}
    began, ended = times.get("started_at"), times.get("ended_at")
    if not began or not ended or times.get("state") == "skipped":
        return None
    took = datetime.fromisoformat(ended) - datetime.fromisoformat(began)
    return max(0, round(took.total_seconds() * 1000))
