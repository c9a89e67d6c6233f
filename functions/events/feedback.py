"""`deployment.started`, `deployment.finished`: the git host is told."""

from __future__ import annotations

from typing import Any

from chalicelib.git.actions.feedback import tell


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """`{"outcome": "told" | "nobody" | "refused"}`; raises, so that it is tried again, when the
    host does not answer."""
    return {"outcome": tell(event["detail"])}
