"""Build: start a runner; Step Functions waits on the token until the outcome is known."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments.actions import steps


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"deployment": id, "token": task token}`; the outcome travels with the token."""
    return steps.build(event["deployment"], event["token"])
