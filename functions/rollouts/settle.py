"""Settle: everybody sees the deployment."""

from __future__ import annotations

from typing import Any

from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import going


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"project", "rollout", "deployment", "run"}` -> `{"outcome", "wait": seconds}`."""
    row = rows.get(event["project"], event["rollout"])
    return going.OVER if row is None else going.settle(row)
