"""Verify: the deployment's own address answers."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import steps


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"deployment": id}` -> `{"outcome": ...}`."""
    return steps.verify(event["deployment"])
