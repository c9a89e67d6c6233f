"""`route.changed`: a project's settings changed what its routes say; the edge is told."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import changes


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """EventBridge event -> `{"outcome": "told" | "gone"}`; the same event again tells the same."""
    return {"outcome": "told" if changes.tell(str(event["detail"]["project"])) else "gone"}
