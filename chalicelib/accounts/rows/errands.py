"""What is to be done about an address, outside of the request that asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, ids
from chalicelib.core.table import CoreRow, find, lost_condition

LEASE_SECONDS = 60
KEPT_SECONDS = 3600
_OPEN = "ERRANDS"


class ErrandRow(CoreRow):
    """An errand: `ERRAND#id` / `META`; those that are not done stand in an index."""

    kind = UnicodeAttribute()
    email = UnicodeAttribute()
    user = UnicodeAttribute(default="")
    name = UnicodeAttribute(null=True)
    password_hash = UnicodeAttribute(null=True)
    other = UnicodeAttribute(null=True)
    """Another address that the letter is about."""
    asked_from = UnicodeAttribute(default="")
    tries = NumberAttribute(default=0)
    leased_until = NumberAttribute(default=0)

    @property
    def id(self) -> str:
        """The errand's id."""
        return self.pk.partition("#")[2]


def new_errand(kind: str, email: str, **more: Any) -> ErrandRow:
    """An errand that is not saved yet."""
    identifier = ids.new("err")
    return ErrandRow(
        f"ERRAND#{identifier}",
        "META",
        gsi2pk=_OPEN,
        gsi2sk=identifier,
        kind=kind,
        email=email,
        ttl=clock.epoch(KEPT_SECONDS),
        **more,
    )


def errand_of(identifier: str) -> ErrandRow | None:
    """An errand that is not done yet."""
    return find(ErrandRow, f"ERRAND#{identifier}")


def lease(row: ErrandRow) -> bool:
    """Take an errand for a minute; False when somebody else has it, or has done it."""
    now = clock.epoch()
    kind = ErrandRow
    try:
        row.update(
            actions=[
                kind.leased_until.set(now + LEASE_SECONDS),
                kind.tries.set((kind.tries | 0) + 1),
            ],
            condition=kind.pk.exists() & (kind.leased_until < now),
        )
    except UpdateError as error:
        if lost_condition(error):
            return False
        raise
    return True


def waiting() -> tuple[int, str | None]:
    """How many errands are not done, and the id of the oldest. Counted by the index: a hint."""
    oldest = next(iter(ErrandRow.by2.query(_OPEN, limit=1)), None)
    return int(ErrandRow.by2.count(_OPEN)), oldest.id if oldest is not None else None


def overdue() -> Iterator[ErrandRow]:
    """Up to a hundred errands that somebody should have done by now, oldest first."""
    before = ids.new("err", clock.now_ms() - LEASE_SECONDS * 1000)
    yield from ErrandRow.by2.query(_OPEN, ErrandRow.gsi2sk < before, limit=100)
