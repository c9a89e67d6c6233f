"""Every minute: ask for the deployments whose time has come."""

from __future__ import annotations

from typing import Any

from chalicelib.projects.actions import schedules


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """How many deployments were asked for."""
    return {"asked": schedules.fire_due()}
