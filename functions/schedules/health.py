"""Every minute: ask the backends of live sites whether they answer."""

from __future__ import annotations

from typing import Any

from chalicelib.protection.actions import health


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """`{"projects", "origins", "down"}`."""
    return health.look()
