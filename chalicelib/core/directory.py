"""Lists of everything of one kind in an installation, in order, a page at a time.

The rows stand in the second index below `<kind>#<shard>`, so that no partition holds them all, and
a page is merged out of the shards. The index lags behind by a moment and decides nothing.
"""

from __future__ import annotations

import heapq
import zlib
from typing import TypeVar

from pynamodb.exceptions import UpdateError

from chalicelib.core.observe import logger
from chalicelib.core.table import CoreRow, lost_condition

SHARDS = 8
_LAST = "\U0010ffff"

R = TypeVar("R", bound=CoreRow)


def shard(kind: str, identifier: str) -> str:
    """The partition of the index in which a row is listed; what it is sorted by is unique."""
    return f"{kind}#{zlib.crc32(identifier.encode()) % SHARDS}"


def keep(row: CoreRow, kind: str, identifier: str, order: str) -> None:
    """List a row that was made before there was a list, or that is sorted by something else now.

    Never at the cost of the request that found it so.
    """
    if row.gsi2pk is not None and row.gsi2sk == order:
        return
    try:
        # an update would change what this request has read and goes on with
        type(row)(row.pk, row.sk).update(
            actions=[
                CoreRow.gsi2pk.set(shard(kind, identifier)),
                CoreRow.gsi2sk.set(order),
            ],
            condition=CoreRow.pk.exists(),
        )
    except UpdateError as error:
        if not lost_condition(error):
            logger().warning("row not listed", extra={"kind": kind, "id": identifier})


def page(row: type[R], kind: str, *, limit: int, after: str = "", prefix: str = "") -> list[R]:
    """The first `limit` rows behind `after` whose order begins with `prefix`."""
    first = max(f"{after}\x00" if after else "", prefix) or "\x00"
    found = (
        row.by2.query(
            f"{kind}#{number}", row.gsi2sk.between(first, f"{prefix}{_LAST}"), limit=limit
        )
        for number in range(SHARDS)
    )
    merged = heapq.merge(*map(list, found), key=lambda one: str(one.gsi2sk))
    return [one for _, one in zip(range(limit), merged, strict=False)]
