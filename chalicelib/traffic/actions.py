"""Writing traffic down, and counting it together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib.core import clock
from chalicelib.traffic import rows
from chalicelib.traffic.rules import batches
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts

AHEAD_MS = 120_000
"""So far ahead of ours the clock of an edge may be; rows of later minutes are not taken."""


def record(batch: Mapping[str, Any]) -> int:
    """Write down what an edge has counted; returns how many rows are new. Raises ValueError.

    The same batch again, or an older one that comes late, changes nothing.
    """
    source, told = batches.read(batch)
    return write(source, told)


def write(source: str, told: Iterable[Told]) -> int:
    """Write rows of one source; returns how many are new."""
    latest = rows.minute(clock.now_ms() + AHEAD_MS)
    return sum(rows.put(source, row) for row in told if row.minute <= latest)


def source_of(name: str) -> str:
    """A name for what is counted out of one file of a log: its own, so that it counts once."""
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def counts(site: str, since_ms: int, until_ms: int, kind: str = "live") -> dict[str, Counts]:
    """What each deployment of a project answered between two moments, whole minutes of both."""
    found: dict[str, Counts] = {}
    for row in rows.between(site, rows.minute(since_ms), rows.minute(until_ms)):
        if row.kind == kind:
            found[row.deployment] = found.get(row.deployment, Counts()) + row.counts
    return found
