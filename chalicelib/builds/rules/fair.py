"""Which waiting build is next: fair across teams, urgent ones first, and nobody waits for ever.

The next build is, in this order,
1. one that has waited longer than `PATIENCE_MS`, the oldest first;
2. one of the team with the fewest builds running;
3. the most urgent one: production 0, preview 1, untrusted 2, one less for each `AGEING_MS` waited;
4. the oldest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

PRODUCTION, PREVIEW, UNTRUSTED = PRIORITIES = (0, 1, 2)

AGEING_MS = 10 * 60_000
PATIENCE_MS = 30 * 60_000

_Rank = tuple[int, int, int, int, str]


@dataclass(frozen=True)
class Waiting:
    """A build that waits: since when (ms since 1970), how urgent, and for whom."""

    build: str
    team: str
    priority: int
    since_ms: int


def urgency(one: Waiting, now_ms: int) -> int:
    """Its priority now: whoever waits becomes more urgent, down to 0."""
    return max(0, one.priority - max(0, now_ms - one.since_ms) // AGEING_MS)


def next_of(waiting: Iterable[Waiting], running: Mapping[str, int], now_ms: int) -> Waiting | None:
    """The build that a free slot goes to; `running` is how many builds a team has now."""
    return min(waiting, key=lambda one: _rank(one, running, now_ms), default=None)


def in_order(
    waiting: Iterable[Waiting], running: Mapping[str, int], now_ms: int
) -> Iterator[Waiting]:
    """All of them in the order in which they would start if none ended and none came."""
    counts = dict(running)
    lines: dict[str, list[Waiting]] = {}
    for one in sorted(waiting, key=lambda w: _rank(w, {}, now_ms), reverse=True):
        lines.setdefault(one.team, []).append(one)
    while lines:
        heads = (line[-1] for line in lines.values())
        first = min(heads, key=lambda one: _rank(one, counts, now_ms))
        yield first
        counts[first.team] = counts.get(first.team, 0) + 1
        lines[first.team].pop()
        if not lines[first.team]:
            del lines[first.team]


def before(
    build: str, waiting: Iterable[Waiting], running: Mapping[str, int], now_ms: int
) -> int | None:
    """How many of the waiting start before this one; None when it does not wait."""
    for number, one in enumerate(in_order(waiting, running, now_ms)):
        if one.build == build:
            return number
    return None


def _rank(one: Waiting, running: Mapping[str, int], now_ms: int) -> _Rank:
    if now_ms - one.since_ms > PATIENCE_MS:
        return (0, 0, 0, one.since_ms, one.build)
    return (1, running.get(one.team, 0), urgency(one, now_ms), one.since_ms, one.build)
