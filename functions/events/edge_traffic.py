"""`edge.traffic`: an edge tells what it has counted of its visitors."""

from __future__ import annotations

from typing import Any

from chalicelib.traffic import actions as traffic


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """How many rows are new; the same event again finds them written."""
    return {"written": traffic.record(event["detail"])}
