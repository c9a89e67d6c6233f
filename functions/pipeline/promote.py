"""Promote: the production pointer, and the edge is told."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import steps


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"deployment": id}` -> `{"outcome": ...}`."""
    return steps.promote(event["deployment"])
