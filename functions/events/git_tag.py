"""`git.tag`: a tag was made or moved, so a deployment may begin."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import create
from chalicelib.git.rules import Tag


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """EventBridge event -> `{"deployment": id or None}`; the same event again is no second one."""
    detail = {name: value for name, value in event["detail"].items() if name != "version"}
    row = create.from_tag(Tag(**detail))
    return {"deployment": row.id if row else None}
