"""How many of something an installation has, without reading them all.

Whoever makes or removes one counts it in the same transaction, in one of a few rows so that makers
are not in each other's way: `CENSUS#n` / `META` of the table `core`. Deployments are never removed,
so of those it is how many there have been.
"""

from __future__ import annotations

import zlib
from typing import Literal

from pynamodb.transactions import TransactWrite

from chalicelib.core import counters
from chalicelib.core.table import CoreRow

PARTS = 8

Kind = Literal["users", "teams", "projects", "deployments"]
"""What is counted."""


class CensusRow(CoreRow):
    """A part of the counts: counters by kind."""


def count(transaction: TransactWrite, identifier: str, numbers: dict[Kind, int]) -> None:
    """Count what a transaction makes, and with -1 what it removes; once in a transaction.

    `identifier` says in which row: that of any of them will do.
    """
    row = CensusRow(f"CENSUS#{zlib.crc32(identifier.encode()) % PARTS}", "META")
    transaction.update(row, actions=counters.add({str(kind): n for kind, n in numbers.items()}))


def total(kind: Kind) -> int:
    """How many there are."""
    return sum(
        numbers.get(kind, 0)
        for part in range(PARTS)
        for _, numbers in counters.between(CensusRow, f"CENSUS#{part}", "META", "META")
    )
