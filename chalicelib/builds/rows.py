"""Rows of builds and their log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.exceptions import UpdateError

from chalicelib.builds.rules import fair
from chalicelib.core import clock, table

LOG_SECONDS = 30 * 24 * 3600
LONGEST_CHUNK = 2_000
"""Lines that a runner may send at once."""

_ITEM_BYTES = 300_000
"""A DynamoDB item has at most 400 KB; no line has as much as the rest of that."""


class Build(table.CoreRow):
    """A build of one deployment; a lost runner is replaced within the same row (`attempt`)."""

    id = UnicodeAttribute()
    deployment = UnicodeAttribute()
    project = UnicodeAttribute()
    team = UnicodeAttribute()
    state = UnicodeAttribute()  # queued | running | finished
    outcome = UnicodeAttribute(null=True)  # ok | failed | cancelled | superseded
    attempt = NumberAttribute(default=1)
    token_hash = UnicodeAttribute()
    token_sealed = BinaryAttribute(legacy_encoding=False)
    task_token = UnicodeAttribute(null=True)
    answered = BooleanAttribute(default=False)
    instance = UnicodeAttribute(null=True)
    heartbeat_ms = NumberAttribute()
    log_bytes = NumberAttribute(default=0)
    deadline_ms = NumberAttribute(null=True)
    size = UnicodeAttribute(default="medium")
    seconds = NumberAttribute(null=True)  # how long it may take
    priority = NumberAttribute(default=0)
    since_ms = NumberAttribute(null=True)  # since when it has been waiting for its first slot
    slot = NumberAttribute(null=True)  # which slot of its team it holds, and with which number
    fence = NumberAttribute(null=True)
    place = NumberAttribute(null=True)  # which slot of the installation, where they are counted
    variables = UnicodeAttribute(null=True)  # a digest of those that its runner was given
    named = JSONAttribute(null=True)  # the same of each of them, by name
    spec = JSONAttribute()
    plan = JSONAttribute(null=True)
    machine = JSONAttribute(null=True)  # which agent, and what its sandbox protects from
    report = JSONAttribute(null=True)
    error = JSONAttribute(null=True)
    created_at = UnicodeAttribute()
    started_at = UnicodeAttribute(null=True)
    finished_at = UnicodeAttribute(null=True)

    @property
    def order(self) -> str:
        """Name of the order that carries it out now; what that uploads bears this name too."""
        return f"{self.id}-{int(self.attempt)}"


def key(build: str) -> str:
    """Partition of a build."""
    return f"BUILD#{build}"


def get(build: str) -> Build | None:
    """A build by id, read consistently."""
    return table.find(Build, key(build))


def change(build: Build, expected: Any, **values: Any) -> bool:
    """Set attributes if `expected` (a condition) holds; False when it does not.

    Afterwards `build` holds what the table holds.
    """
    actions = [
        getattr(Build, name).remove() if value is None else getattr(Build, name).set(value)
        for name, value in values.items()
    ]
    try:
        table.uncrossed(lambda: build.update(actions=actions, condition=expected))
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        build.refresh(consistent_read=True)
        return False
    return True


def heard(build: Build, now_ms: int, size: int) -> int:
    """Note that a runner lives and printed `size` characters; returns how many it printed in all.

    An answer that was lost counts its lines twice: a limit on this leaves room for that.
    """
    build.update(
        actions=[Build.heartbeat_ms.set(now_ms), Build.log_bytes.add(size)],
        condition=Build.pk.exists(),
    )
    return int(build.log_bytes)


def waiting(priority: int, limit: int) -> list[Build]:
    """Builds of a priority that wait for a slot, the oldest first: a hint, as it is an index."""
    return list(Build.by2.query(f"QUEUE#{priority}", limit=limit))


def queued() -> tuple[int, int | None]:
    """How many builds wait for a slot, and since when the oldest (ms). Counted by the index."""
    count, since = 0, None
    for priority in fair.PRIORITIES:
        first = next(iter(waiting(priority, 1)), None)
        if first is not None and first.gsi2sk is not None:
            count += int(Build.by2.count(f"QUEUE#{priority}"))
            since = min(since or int(first.gsi2sk), int(first.gsi2sk))
    return count, since


class LogChunk(table.EventRow):
    """Up to 300 KB of log lines; the sort key is the number of the first."""

    lines = JSONAttribute()


def _log_key(deployment: str) -> str:
    return f"LOG#{deployment}"


def put_lines(deployment: str, first: int, lines: list[dict[str, Any]]) -> None:
    """Keep consecutive lines; the same lines again change nothing."""
    start = 0
    while start < len(lines):
        end, size = start, 0
        while end < len(lines) and (end == start or size < _ITEM_BYTES):
            size += len(json.dumps(lines[end])) + 2  # as it is kept, every é as six characters
            end += 1
        if size >= _ITEM_BYTES and end - start > 1:
            end -= 1
        LogChunk(
            pk=_log_key(deployment),
            sk=f"{first + start:012d}",
            lines=lines[start:end],
            ttl=clock.epoch(LOG_SECONDS),
        ).save()
        start = end


def lines_after(deployment: str, after: int) -> Iterator[dict[str, Any]]:
    """Lines with a number above `after`, in order, each with its number `n`."""
    start = max(0, after - LONGEST_CHUNK)  # the chunk that `after` lies in begins no earlier
    chunks = LogChunk.query(
        _log_key(deployment), LogChunk.sk >= f"{start:012d}", consistent_read=True
    )
    for chunk in chunks:
        first = int(chunk.sk)
        for offset, line in enumerate(chunk.lines):
            if first + offset > after:
                yield {"n": first + offset, **line}
