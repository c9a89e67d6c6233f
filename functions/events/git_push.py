"""`git.push`: a branch moved, so a deployment begins."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import create
from chalicelib.git.rules import Push


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """EventBridge event -> `{"deployment": id or None}`; the same event again is no second one."""
    detail = {name: value for name, value in event["detail"].items() if name != "version"}
    row = create.from_push(Push(**detail))
    return {"deployment": row.id if row else None}
