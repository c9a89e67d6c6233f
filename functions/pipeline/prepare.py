"""Prepare: source into the store, build row, overtaken pushes end."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import steps


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"deployment": id}` -> `{"outcome": ...}`."""
    return steps.prepare(event["deployment"])
