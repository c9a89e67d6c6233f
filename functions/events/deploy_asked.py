"""`deploy.asked`: a deploy hook was called, or a schedule is due, so a deployment begins."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import create


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """EventBridge event -> `{"deployment": id or None}`; the same key again is no second one."""
    asked = event["detail"]
    row = create.from_asked(
        asked["project"], asked["branch"], asked["trigger"], asked["by"], asked["key"]
    )
    return {"deployment": row.id if row else None}
