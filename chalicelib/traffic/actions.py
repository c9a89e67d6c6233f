"""Writing traffic down, and counting it together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.core import clock
from chalicelib.projects import rows as projects
from chalicelib.traffic import rows
from chalicelib.traffic.rows.hours import hour
from chalicelib.traffic.rules import batches, series
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts

MOST_KNOWN = 4096
"""So many projects' teams a process remembers."""

AHEAD_MS = 120_000
"""So far ahead of ours the clock of an edge may be; rows of later minutes are not taken."""


def record(batch: Mapping[str, Any]) -> int:
    """Write down what an edge has counted; returns how many rows are new. Raises ValueError.

    The same batch again, or an older one that comes late, changes nothing.
    """
    source, told = batches.read(batch)
    return write(source, told)


def write(source: str, told: Iterable[Told]) -> int:
    """Write rows of one source, and add them to their hours; returns how many are new."""
    latest = rows.minute(clock.now_ms() + AHEAD_MS)
    taken = [row for row in told if row.minute <= latest]
    return rows.write(source, taken, _teams_of({row.site for row in taken}))


_teams: dict[str, str] = {}
"""The teams of projects, which never change; those of projects that are not there are looked for
again."""


def _teams_of(sites: set[str]) -> dict[str, str]:
    """The teams of projects; what is no project's is left out."""
    unknown = sorted(sites - _teams.keys())
    if len(_teams) + len(unknown) > MOST_KNOWN:
        _teams.clear()
        unknown = sorted(sites)
    for first in range(0, len(unknown), 100):
        _teams.update({row.id: row.team for row in projects.named(unknown[first : first + 100])})
    return {site: _teams[site] for site in sites if site in _teams}


def source_of(name: str) -> str:
    """A name for what is counted out of one file of a log: its own, so that it counts once."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def counts(site: str, since_ms: int, until_ms: int, kind: str = "live") -> dict[str, Counts]:
    """What each deployment of a project answered between two moments, whole minutes of both."""
    found: dict[str, Counts] = {}
    for row in rows.between(site, rows.minute(since_ms), rows.minute(until_ms)):
        if row.kind == kind:
            found[row.deployment] = found.get(row.deployment, Counts()) + row.counts
    return found


def seen(site: str, name: str, kind: str) -> tuple[series.Span, series.Seen]:
    """What a project answered in one of `series.Range`, which ends now."""
    span = series.span(name, clock.now_ms())
    last = span.until - 1
    found = (
        rows.between(site, rows.minute(span.since), rows.minute(last))
        if span.by_minute
        else rows.hours(site, hour(span.since), hour(last))
    )
    return span, series.seen(
        span, ((_ms(one.minute), one.deployment, one.counts) for one in found if one.kind == kind)
    )


def team_hours(team: str, first_ms: int, last_ms: int) -> dict[int, Counts]:
    """What the live sites of a team answered, by the beginning of the hour (ms)."""
    found: dict[int, Counts] = {}
    for at, counted in rows.team_hours(team, hour(first_ms), hour(last_ms)):
        found[_ms(at)] = found.get(_ms(at), Counts()) + counted
    return found


def _ms(at: str) -> int:
    """The moment at which a minute or an hour begins, in milliseconds."""
    return clock.ms(f"{at}:00Z" if len(at) > len("2026-11-22T00") else f"{at}:00:00Z")
