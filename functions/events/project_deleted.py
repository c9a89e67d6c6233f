"""`project.deleted`: its domains are taken off the edge."""

from __future__ import annotations

from typing import Any

from chalicelib.domains.actions import manage


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """EventBridge event -> how many domains leave; the same event again finds none."""
    return {"leaving": manage.leave(str(event["detail"]["project"]))}
