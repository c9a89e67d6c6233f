"""`build.slot_free`: a slot was freed that somebody waits for; the next builds start."""

from __future__ import annotations

from typing import Any

from chalicelib.builds.actions import order


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """How many builds were started; the same event again finds the slots taken."""
    return {"started": order.dispatch()}
