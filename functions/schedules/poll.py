"""Every five minutes: ask git hosts for pushes that no webhook told of."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments import rows
from chalicelib.git.actions.poll import poll


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """`{"asked", "pushed", "troubled"}`."""
    return poll(lambda project: {head.branch: head.commit for head in rows.heads(project)})
