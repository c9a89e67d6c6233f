"""Rows of streams: in the table `core`, because where a stream has got to changes all the time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, DoesNotExist, PutError, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, below, find, lost_condition

SHARDS = 4
LEASE_MS = 120_000


class StreamRow(CoreRow):
    """A stream: `AUDIT#team` / `STREAM#name`; listed by shard as long as it runs.

    `cursor` is the last entry that arrived. Moments are milliseconds since 1970, 0 for never.
    """

    kind = UnicodeAttribute()
    url = UnicodeAttribute()
    token = BinaryAttribute(legacy_encoding=False)
    cursor = NumberAttribute(default=0)
    made = UnicodeAttribute()
    """Differs each time the stream is set, so that whoever delivers notices."""
    created_at = UnicodeAttribute()
    delivered_at = UnicodeAttribute(null=True)
    error = UnicodeAttribute(default="")
    tries = NumberAttribute(default=0)
    failing_since = NumberAttribute(default=0)
    next_try = NumberAttribute(default=0)
    busy_until = NumberAttribute(default=0)
    state = UnicodeAttribute(default="running")

    @property
    def team(self) -> str:
        """Whose log it carries."""
        return self.pk.partition("#")[2]

    @property
    def name(self) -> str:
        """Its name within the team."""
        return self.sk.partition("#")[2]


def new(team: str, name: str, **fields: Any) -> StreamRow:
    """A stream that is not saved yet."""
    return StreamRow(
        f"AUDIT#{team}",
        f"STREAM#{name}",
        gsi2pk=f"STREAMS#{zlib.crc32(team.encode()) % SHARDS}",
        gsi2sk=f"{team}#{name}",
        **fields,
    )


def save(row: StreamRow, before: StreamRow | None) -> bool:
    """Keep a stream, if it still is what it was before; False when it is not."""
    kind = StreamRow
    try:
        row.save(condition=kind.made == before.made if before else kind.pk.does_not_exist())
    except PutError as error:
        if lost_condition(error):
            return False
        raise
    return True


def one(team: str, name: str) -> StreamRow | None:
    """A stream by name."""
    return find(StreamRow, f"AUDIT#{team}", f"STREAM#{name}")


def of_team(team: str) -> list[StreamRow]:
    """The streams of a team."""
    return list(below(StreamRow, f"AUDIT#{team}", "STREAM#"))


def remove(row: StreamRow) -> None:
    """Forget a stream."""
    try:
        row.delete()
    except DeleteError as error:
        if not lost_condition(error):
            raise


def running() -> Iterator[tuple[str, str]]:
    """(team, name) of every stream that is not paused."""
    for shard in range(SHARDS):
        for row in StreamRow.by2.query(f"STREAMS#{shard}"):
            yield row.team, row.name


def claim(row: StreamRow) -> bool:
    """Be the only one who delivers this stream, for two minutes at most."""
    now = clock.now_ms()
    free = (StreamRow.busy_until < now) & (StreamRow.made == row.made)
    return change(row, free, busy_until=now + LEASE_MS)


def note(row: StreamRow, **values: Any) -> bool:
    """Write down how a delivery went; False when the stream was set anew or removed meanwhile."""
    return change(row, StreamRow.made == row.made, **values)


def change(row: StreamRow, condition: Any, **values: Any) -> bool:
    """Set attributes under a condition; None removes one."""
    attributes = StreamRow.get_attributes()
    actions: list[Action] = [
        attributes[name].remove() if value is None else attributes[name].set(value)
        for name, value in values.items()
    ]
    try:
        row.update(actions=actions, condition=StreamRow.pk.exists() & condition)
    except (UpdateError, DoesNotExist) as error:
        if isinstance(error, DoesNotExist) or lost_condition(error):
            return False
        raise
    return True
