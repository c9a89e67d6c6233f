"""How many of something an installation has ever had, without reading them all.

Whoever makes one counts it in the same transaction, in one of a few rows so that makers are not
in each other's way: `CENSUS#n` / `META` of the table `core`.
"""

from __future__ import annotations

import zlib

from pynamodb.transactions import TransactWrite

from chalicelib.core import counters
from chalicelib.core.table import CoreRow

PARTS = 8


class CensusRow(CoreRow):
    """A part of the counts: counters by kind."""


def count(transaction: TransactWrite, kind: str, identifier: str, number: int = 1) -> None:
    """Count something that a transaction makes; -1 for what it removes."""
    row = CensusRow(f"CENSUS#{zlib.crc32(identifier.encode()) % PARTS}", "META")
    transaction.update(row, actions=counters.add({kind: number}))


def total(kind: str) -> int:
    """How many there are."""
    return sum(
        numbers.get(kind, 0)
        for part in range(PARTS)
        for _, numbers in counters.between(CensusRow, f"CENSUS#{part}", "META", "META")
    )
