"""Every quarter of an hour: domains whose time has come, their DNS and their certificates."""

from __future__ import annotations

from typing import Any

from chalicelib.domains.actions import watching


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """`{"looked", "resumed", "broken"}`."""
    return watching.watch()
