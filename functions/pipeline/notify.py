"""Notify: everybody outside learns how it ended."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import finish


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"deployment": id}`; publishes `deployment.finished`."""
    finish.notify(event["deployment"])
    return {"outcome": "ok"}
