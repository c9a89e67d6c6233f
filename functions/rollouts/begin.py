"""Begin: what a rollout is going to do is written down."""

from __future__ import annotations

from typing import Any

from chalicelib.rollouts.actions import beginning, going


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"project", "rollout", "deployment", "run"}` -> `{"outcome", "wait": seconds}`."""
    row = beginning.begin(event["project"], event["rollout"], event["deployment"])
    return going.OVER if row is None else {"outcome": "go", "wait": 0}
