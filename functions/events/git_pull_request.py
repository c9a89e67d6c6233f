"""`git.pull_request`: something happened to a pull request, and its preview follows."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import pulls
from chalicelib.git.rules import PullRequest


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """EventBridge event -> `{"deployment": id or None}`; the same event again is no second one."""
    detail = {name: value for name, value in event["detail"].items() if name != "version"}
    row = pulls.receive(PullRequest(**detail))
    return {"deployment": row.id if row else None}
