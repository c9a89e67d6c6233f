"""What one source counted of one deployment in one minute.

`TRAFFIC#<project>` / `<minute>#<deployment>#<kind>#<source>` in the table `usage`. A source tells
totals of the minute, not what came since, so a row is written as often as one likes: only a larger
total replaces a smaller one. `kind` is `live` for what visitors of the site asked for and `preview`
for every other address of a deployment.
"""

from __future__ import annotations

from collections.abc import Iterator

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.core import clock, table
from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts

KEEP_DAYS = 35


class TrafficRow(table.UsageRow):
    """Counts of a minute; `requests` stands beside them because conditions look at it.

    `summed` says that the hour has them too; rows of an older make do not say it.
    """

    deployment = UnicodeAttribute()
    requests = NumberAttribute()
    counts = JSONAttribute()
    summed = BooleanAttribute(null=True)

    @property
    def in_hour(self) -> Counts:
        """What of this row the sum of its hour has."""
        return counting.read(dict(self.counts)) if self.summed else Counts()


def key(site: str) -> str:
    """Partition of a project's traffic."""
    return f"TRAFFIC#{site}"


def minute(ms: int) -> str:
    """The minute of a moment, such as `2026-11-22T00:30`."""
    return clock.iso(ms)[:16]


def row_key(source: str, told: Told) -> tuple[str, str]:
    """Where a row stands."""
    return key(told.site), f"{told.minute}#{told.deployment}#{told.kind}#{source}"


def known(keys: list[tuple[str, str]]) -> dict[tuple[str, str], TrafficRow]:
    """Those of these rows that there are, read consistently; at most a hundred."""
    found = TrafficRow.batch_get(keys, consistent_read=True)
    return {(row.pk, row.sk): row for row in found}


def replaced(told: Told, before: TrafficRow | None) -> tuple[list[Action], Condition]:
    """Changes that write a row down, on condition that it is as it was read."""
    requests = TrafficRow.requests
    return [
        TrafficRow.deployment.set(told.deployment),
        requests.set(told.counts.requests),
        TrafficRow.counts.set(told.counts.told()),
        TrafficRow.summed.set(True),
        TrafficRow.ttl.set(clock.epoch(KEEP_DAYS * 86_400)),
    ], requests.does_not_exist() if before is None else requests == before.requests


def between(site: str, first: str, last: str) -> Iterator[Told]:
    """Every row of these minutes, both included; of one deployment and minute one per source."""
    found = TrafficRow.query(
        key(site), TrafficRow.sk.between(first, f"{last}~"), consistent_read=True
    )
    for row in found:
        at, deployment, kind, _ = row.sk.split("#", 3)
        yield Told(site, deployment, at, kind, counting.read(dict(row.counts)))
