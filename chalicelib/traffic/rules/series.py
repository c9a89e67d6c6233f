"""Traffic over a span of time: how far back it reaches, and in which steps. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from chalicelib.traffic.rules.counts import Counts

Range = Literal["1h", "24h", "7d", "30d"]

_MINUTE, _HOUR = 60, 3600
_RANGES: dict[str, tuple[int, int]] = {
    "1h": (_MINUTE, 60),
    "24h": (_HOUR, 24),
    "7d": (3 * _HOUR, 56),
    "30d": (12 * _HOUR, 60),
}


@dataclass(frozen=True)
class Span:
    """`count` steps of `step` seconds each, the first of which begins at `since` (ms)."""

    since: int
    step: int
    count: int

    @property
    def by_minute(self) -> bool:
        """Whether its steps are shorter than an hour, so that sums of hours say too little."""
        return self.step < _HOUR

    @property
    def until(self) -> int:
        """When the last step ends (ms)."""
        return self.since + self.count * self.step * 1000

    @property
    def starts(self) -> list[int]:
        """When the steps begin (ms)."""
        return [self.since + n * self.step * 1000 for n in range(self.count)]


def span(name: str, now_ms: int) -> Span:
    """The span of a range that ends with the step of now; steps begin at whole ones of UTC."""
    step, count = _RANGES[name]
    last = now_ms // (step * 1000) * step * 1000
    return Span(last - (count - 1) * step * 1000, step, count)


@dataclass(frozen=True)
class Seen:
    """What was answered in a span: together, step by step, and by each deployment."""

    totals: Counts = field(default_factory=Counts)
    steps: dict[int, Counts] = field(default_factory=dict)
    deployments: dict[str, Counts] = field(default_factory=dict)


def seen(within: Span, counted: Iterable[tuple[int, str, Counts]]) -> Seen:
    """Counts of (moment in ms, deployment), put together; what lies outside is left out."""
    steps: dict[int, Counts] = {}
    deployments: dict[str, Counts] = {}
    totals = Counts()
    for at, deployment, counts in counted:
        if not within.since <= at < within.until:
            continue
        start = at - (at - within.since) % (within.step * 1000)
        steps[start] = steps.get(start, Counts()) + counts
        deployments[deployment] = deployments.get(deployment, Counts()) + counts
        totals += counts
    return Seen(totals, steps, deployments)
