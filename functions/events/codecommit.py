"""What happens in CodeCommit's repositories, for the projects that are connected to them.

`CodeCommit Repository State Change` and `CodeCommit Pull Request State Change` come over the
account's default bus, for every repository in it; most of them are nobody's here.
"""

from __future__ import annotations

import json
import time
from typing import Any

from chalicelib.core.observe import logger
from chalicelib.git.actions import links
from chalicelib.git.actions.events import publish
from chalicelib.git.providers import of
from chalicelib.git.rows import deliveries


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"projects": how many were told}`; the same event again tells nobody."""
    now = time.time_ns()
    body = json.dumps(event).encode()
    told = 0
    for arn in event.get("resources") or []:
        for project in links.projects_of("codecommit", str(arn)):
            told += _tell(body, project, now)
    return {"projects": told}


def _tell(body: bytes, project: str, now: int) -> int:
    try:
        delivery = of("codecommit").read({}, body, project, now)
    except ValueError as error:
        logger().warning("codecommit_event", extra={"project": project, "why": str(error)})
        return 0
    once = f"{project}:{delivery.identifier}"
    if not delivery.events or not deliveries.first_time("codecommit", once):
        return 0
    try:
        for found in delivery.events:
            publish(found)
    except Exception:
        deliveries.forget("codecommit", once)
        raise
    return 1
