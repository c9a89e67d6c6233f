"""Rows of the log; the keys of the tables live here.

`events` holds the log itself: entries `AUDIT#team` / sequence, its end `HEAD`, what came without
a trail and is in it `SEEN#id`, daily signatures `CHECK#date`. These rows are only ever put.
Changes on their way wait in `TRAIL#shard` / request id.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError, UpdateError

from chalicelib.audit.rules.chain import Head
from chalicelib.audit.rules.entries import FIRST, Draft, Place, draft_of
from chalicelib.core import clock
from chalicelib.core.table import CoreRow, EventRow, find, lost_condition, write

DAYS = 400
"""How long entries are kept unless a team says otherwise."""

TRAIL_SHARDS = 8
CHECK_SHARDS = 4
_DAY = 86_400
_LAST = "9" * 12

Entry = dict[str, Any]


class EntryRow(EventRow):
    """An entry: `AUDIT#team` / sequence (12 digits); `body` is its canonical JSON."""

    body = UnicodeAttribute()

    def entry(self) -> Entry:
        """What it says; raises ValueError when that cannot be read."""
        found = json.loads(self.body)
        if not isinstance(found, dict):
            raise ValueError("an entry is an object")
        return found


class HeadRow(EventRow):
    """The end of a log, and how long its entries are kept: `AUDIT#team` / `HEAD`."""

    sequence = NumberAttribute(default=0)
    hash = UnicodeAttribute(default=FIRST)
    began_ms = NumberAttribute(default=0)
    days = NumberAttribute(default=DAYS)
    shortest_days = NumberAttribute(default=DAYS)

    @property
    def place(self) -> Place:
        """The last entry."""
        return Place(int(self.sequence), str(self.hash))

    def seen(self) -> Head:
        """What the rules need to know of it."""
        return Head(self.place, int(self.began_ms), int(self.shortest_days))


class SeenRow(EventRow):
    """Says that a change is in the log: `AUDIT#team` / `SEEN#id`."""

    sequence = NumberAttribute()


class SignatureRow(EventRow):
    """The end of a log, signed: `AUDIT#team` / `CHECK#date`."""

    sequence = NumberAttribute()
    hash = UnicodeAttribute()
    at_ms = NumberAttribute()
    previous = UnicodeAttribute(default="")
    key = UnicodeAttribute()
    signature = UnicodeAttribute()

    @property
    def date(self) -> str:
        """The day it was made."""
        return self.sk.partition("#")[2]


class TrailRow(EventRow):
    """A change on its way into the log: `TRAIL#shard` / id. With `ended` its outcome is known."""

    draft = UnicodeAttribute()
    at_ms = NumberAttribute()
    ended = NumberAttribute(default=0)


class LogRow(CoreRow):
    """That there is a log, and when it was signed last: `AUDIT#team` / `LOG`; listed by day."""


def head(team: str) -> HeadRow:
    """The end of a log, read consistently; a new one when there is none."""
    return find(HeadRow, _key(team), "HEAD") or HeadRow(_key(team), "HEAD")


def is_written(team: str, identifier: str) -> bool:
    """Whether a change is in the log."""
    return find(SeenRow, _key(team), f"SEEN#{identifier}") is not None


def append(
    end: HeadRow, entry: Entry, body: str, trail: tuple[str, str] | None, *, once: bool
) -> None:
    """Add an entry behind `end`, in one transaction; raises TransactWriteError.

    Its trail ends with it, and with `once` that trail is what keeps it from being added twice;
    otherwise a row of its own does.
    """
    team, sequence = str(entry["team"]), int(entry["sequence"])
    expires = clock.epoch(int(end.days) * _DAY)
    with write() as transaction:
        transaction.save(
            EntryRow(_key(team), f"{sequence:012d}", body=body, ttl=expires),
            condition=EntryRow.pk.does_not_exist(),
        )
        transaction.save(
            _moved(end, sequence, str(entry["hash"])),
            condition=_unmoved(end),
        )
        if trail is not None:
            gone = TrailRow.pk.exists() if once else None
            transaction.delete(TrailRow(*trail), condition=gone)
        if not once:
            transaction.save(
                SeenRow(_key(team), f"SEEN#{entry['id']}", sequence=sequence, ttl=expires),
                condition=SeenRow.pk.does_not_exist(),
            )
        if sequence == 1:
            transaction.save(_listed(team, ""))


def keep_for(end: HeadRow, days: int) -> bool:
    """Keep what is added from now on for so many days; False when the log has moved on."""
    changed = _moved(end, int(end.sequence), str(end.hash))
    changed.days, changed.shortest_days = days, min(days, int(end.shortest_days))
    if not end.sequence:
        changed.began_ms = 0
    try:
        changed.save(condition=_unmoved(end))
    except PutError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _unmoved(end: HeadRow) -> Any:
    same = (HeadRow.sequence == end.sequence) & (HeadRow.hash == end.hash)
    same &= HeadRow.days == end.days
    return same if end.sequence else HeadRow.pk.does_not_exist() | same


def _moved(end: HeadRow, sequence: int, found: str) -> HeadRow:
    return HeadRow(
        end.pk,
        "HEAD",
        sequence=sequence,
        hash=found,
        began_ms=int(end.began_ms) or clock.now_ms(),
        days=end.days,
        shortest_days=end.shortest_days,
    )


def entries(team: str, after: int = 0, limit: int | None = None) -> Iterator[EntryRow]:
    """Entries of a log behind a sequence, oldest first, read consistently."""
    span = EntryRow.sk.between(f"{after + 1:012d}", _LAST)
    return iter(EntryRow.query(_key(team), span, consistent_read=True, limit=limit))


def newest(team: str, before: int, limit: int) -> list[EntryRow]:
    """Up to `limit` entries in front of a sequence, newest first; 0 stands for the end."""
    upto = f"{before - 1:012d}" if before else _LAST
    span = EntryRow.sk.between("0" * 12, upto)
    return list(EntryRow.query(_key(team), span, scan_index_forward=False, limit=limit))


def entry_at(team: str, sequence: int) -> EntryRow | None:
    """One entry."""
    return find(EntryRow, _key(team), f"{sequence:012d}")


# -- changes on their way ------------------------------------------------------------------------


def trail_key(identifier: str) -> tuple[str, str]:
    """Key of a change on its way."""
    return f"TRAIL#{zlib.crc32(identifier.encode()) % TRAIL_SHARDS}", identifier


def open_trail(draft: Draft, *, ended: bool = False) -> None:
    """Remember a change that is about to be made, or (`ended`) one that was made."""
    TrailRow(
        *trail_key(draft.id), draft=draft.text(), at_ms=clock.now_ms(), ended=int(ended)
    ).save()


def end_trail(draft: Draft) -> None:
    """Note how a remembered change ended. One that is not remembered any more stays forgotten."""
    try:
        TrailRow(*trail_key(draft.id)).update(
            actions=[TrailRow.draft.set(draft.text()), TrailRow.ended.set(1)],
            condition=TrailRow.pk.exists(),
        )
    except UpdateError as error:
        if not lost_condition(error):
            raise


def is_open(identifier: str) -> bool:
    """Whether a change is still on its way."""
    return find(TrailRow, *trail_key(identifier)) is not None


def drop_trail(identifier: str) -> None:
    """Forget a change; no error when it is forgotten already."""
    try:
        TrailRow(*trail_key(identifier)).delete()
    except DeleteError as error:
        if not lost_condition(error):
            raise


def trails(shard: int) -> Iterator[TrailRow]:
    """Changes on their way, of one shard."""
    return iter(TrailRow.query(f"TRAIL#{shard}", consistent_read=True))


def draft_in(trail: TrailRow) -> Draft:
    """What is remembered of a change."""
    return draft_of(str(trail.draft))


# -- signatures ----------------------------------------------------------------------------------


def signatures(team: str) -> list[SignatureRow]:
    """The daily signatures of a log, oldest first."""
    span = SignatureRow.sk.startswith("CHECK#")
    return list(SignatureRow.query(_key(team), span, consistent_read=True))


def last_signature(team: str) -> SignatureRow | None:
    """The newest signature of a log."""
    span = SignatureRow.sk.startswith("CHECK#")
    found = SignatureRow.query(_key(team), span, scan_index_forward=False, limit=1)
    return next(iter(found), None)


def new_signature(end: HeadRow, team: str, date: str, previous: str) -> SignatureRow:
    """A signature that is neither made nor saved yet."""
    return SignatureRow(
        _key(team),
        f"CHECK#{date}",
        sequence=end.sequence,
        hash=end.hash,
        at_ms=clock.now_ms(),
        previous=previous,
        ttl=clock.epoch((int(end.days) + 30) * _DAY),
    )


def save_signature(row: SignatureRow) -> None:
    """Keep a signature, unless that day has one."""
    try:
        row.save(condition=SignatureRow.pk.does_not_exist())
    except PutError as error:
        if not lost_condition(error):
            raise


def unsigned_since(date: str, limit: int) -> Iterator[str]:
    """Teams whose logs were not looked at since a day."""
    for shard in range(CHECK_SHARDS):
        found = LogRow.by2.query(f"CHECKS#{shard}", LogRow.gsi2sk < f"{date}#", limit=limit)
        yield from (row.pk.partition("#")[2] for row in found)


def looked_at(team: str, date: str) -> None:
    """Say that a log was signed, or needs no signature, on a day."""
    _listed(team, date).save()


def _listed(team: str, date: str) -> LogRow:
    shard = zlib.crc32(team.encode()) % CHECK_SHARDS
    return LogRow(_key(team), "LOG", gsi2pk=f"CHECKS#{shard}", gsi2sk=f"{date}#{team}")


def _key(team: str) -> str:
    return f"AUDIT#{team}"
