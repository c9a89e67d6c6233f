"""What an edge tells of its traffic: a batch of totals. Pure.

`{"version":1,"source":"<edge>","rows":[{"site","deployment","minute","kind",...counts}]}`. The edge
is ours, yet what it says comes over a bus that others may use, so every field is checked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules.counts import Counts

EVENT = "edge.traffic"
ROWS_MAX = 200
"""Rows of a batch: with all buckets in use they stay below the 256 KB that an event may have."""

KINDS = ("live", "preview")

_SITE = re.compile(r"prj_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")
_DEPLOYMENT = re.compile(r"dpl_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")
_MINUTE = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]\Z")
_SOURCE = re.compile(r"[a-z0-9-]{1,40}\Z")


@dataclass(frozen=True)
class Told:
    """What one source has counted of one deployment in one minute (`2026-11-22T00:30`, UTC)."""

    site: str
    deployment: str
    minute: str
    kind: str
    counts: Counts

    def told(self) -> dict[str, Any]:
        """As a row of a batch."""
        return {
            "site": self.site,
            "deployment": self.deployment,
            "minute": self.minute,
            "kind": self.kind,
            **self.counts.told(),
        }


def batch(source: str, rows: list[Told]) -> dict[str, Any]:
    """A batch, as the edge puts it on the bus."""
    return {"version": 1, "source": source, "rows": [row.told() for row in rows[:ROWS_MAX]]}


def read(told: Mapping[str, Any]) -> tuple[str, list[Told]]:
    """Source and rows of a batch; raises ValueError."""
    rows = told.get("rows")
    if told.get("version") != 1 or not isinstance(rows, list) or len(rows) > ROWS_MAX:
        raise ValueError("not a batch of traffic")
    return _fits(_SOURCE, told.get("source")), [_row(row) for row in rows]


def _row(row: Mapping[str, Any]) -> Told:
    if not isinstance(row, Mapping) or row.get("kind") not in KINDS:
        raise ValueError("not a row of traffic")
    return Told(
        _fits(_SITE, row.get("site")),
        _fits(_DEPLOYMENT, row.get("deployment")),
        _fits(_MINUTE, row.get("minute")),
        str(row["kind"]),
        counting.read(row),
    )


def _fits(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.match(value):
        raise ValueError(f"not usable: {str(value)[:80]!r}")
    return value
