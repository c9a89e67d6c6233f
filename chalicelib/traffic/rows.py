"""Rows of traffic: what one source counted of one deployment in one minute.

`TRAFFIC#<project>` / `<minute>#<deployment>#<kind>#<source>` in the table `usage`. A source tells
totals of the minute, not what came since, so a row is written as often as one likes: only a larger
total replaces a smaller one. `kind` is `live` for what visitors of the site asked for and `preview`
for every other address of a deployment.
"""

from __future__ import annotations

from collections.abc import Iterator

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, table
from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules.batches import Told

KEEP_DAYS = 35


class TrafficRow(table.UsageRow):
    """Counts of a minute; `requests` stands beside them because conditions look at it."""

    deployment = UnicodeAttribute()
    requests = NumberAttribute()
    counts = JSONAttribute()


def key(site: str) -> str:
    """Partition of a project's traffic."""
    return f"TRAFFIC#{site}"


def minute(ms: int) -> str:
    """The minute of a moment, such as `2026-11-22T00:30`."""
    return clock.iso(ms)[:16]


def put(source: str, told: Told) -> bool:
    """Write down what a source has counted in a minute; False when as much is there already."""
    row = TrafficRow(key(told.site), f"{told.minute}#{told.deployment}#{told.kind}#{source}")
    requests = told.counts.requests
    try:
        row.update(
            actions=[
                TrafficRow.deployment.set(told.deployment),
                TrafficRow.requests.set(requests),
                TrafficRow.counts.set(told.counts.told()),
                TrafficRow.ttl.set(clock.epoch(KEEP_DAYS * 86_400)),
            ],
            condition=TrafficRow.requests.does_not_exist() | (TrafficRow.requests < requests),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


def between(site: str, first: str, last: str) -> Iterator[Told]:
    """Every row of these minutes, both included; of one deployment and minute one per source."""
    found = TrafficRow.query(
        key(site), TrafficRow.sk.between(first, f"{last}~"), consistent_read=True
    )
    for row in found:
        at, deployment, kind, _ = row.sk.split("#", 3)
        yield Told(site, deployment, at, kind, counting.read(dict(row.counts)))
