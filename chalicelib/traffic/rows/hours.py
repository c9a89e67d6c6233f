"""Sums of hours, of a project's deployments and of a whole team.

`TRAFFIC#<project>#hours` / `<hour>#<deployment>#<kind>#<part>` and `TRAFFIC#<team>#hours` /
`<hour>#<part>` in the table `usage`. Writers add to them, in the transaction that writes the
minutes, so a late minute counts like any other and a repeated one does not. A sum stands in
several parts, by source, so that writers are not in each other's way.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from pynamodb.expressions.update import Action

from chalicelib.core import clock, counters, table
from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts

PARTS = 4
KEEP_DAYS = 35


class HourRow(table.UsageRow):
    """A part of a sum: counters as `Counts.numbers` names them."""


def hour(ms: int) -> str:
    """The hour of a moment, such as `2026-11-22T00`."""
    return clock.iso(ms)[:13]


def of_project(source: str, told: Told) -> tuple[str, str]:
    """The key of the sum to which a minute's row belongs."""
    at = told.minute[:13]
    return _key(told.site), f"{at}#{told.deployment}#{told.kind}#{_part(source)}"


def of_team(source: str, team: str, told: Told) -> tuple[str, str]:
    """The key of the team's sum."""
    return _key(team), f"{told.minute[:13]}#{_part(source)}"


def added(more: Counts) -> list[Action]:
    """Changes that add to a sum."""
    return [*counters.add(more.numbers()), HourRow.ttl.set(clock.epoch(KEEP_DAYS * 86_400))]


def hours(site: str, first: str, last: str) -> Iterator[Told]:
    """The sums of these hours, both included; of one deployment and hour one per part."""
    for sk, numbers in counters.between(HourRow, _key(site), first, f"{last}~"):
        at, deployment, kind, _ = sk.split("#", 3)
        yield Told(site, deployment, at, kind, counting.of_numbers(numbers))


def team_hours(team: str, first: str, last: str) -> Iterator[tuple[str, Counts]]:
    """(hour, sum) of a team's live sites, both included; of one hour one per part."""
    for sk, numbers in counters.between(HourRow, _key(team), first, f"{last}~"):
        yield sk.partition("#")[0], counting.of_numbers(numbers)


def _key(of: str) -> str:
    return f"TRAFFIC#{of}#hours"


def _part(source: str) -> int:
    return zlib.crc32(source.encode()) % PARTS
