"""`team.changed`: those who watch a team are told."""

from __future__ import annotations

from typing import Any

from chalicelib.deployments import rows
from chalicelib.deployments.actions import show
from chalicelib.live import feed
from chalicelib.teams.actions import Resource


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """`{"told": how many connections}`. A deployment is read now, so it is never an older one."""
    change = feed.read(event["detail"])
    if not change.deployment:
        on = Resource("project", change.project) if change.project else None
        on = on or Resource("team", change.team)
        return {"told": feed.tell(change, on, change.message)}
    row = rows.get(change.deployment)
    if row is None or row.team != change.team or row.project != change.project:
        return {"told": 0}
    environment = row.environment or row.target
    on = Resource("deployment", row.id, environment=environment, project=row.project)
    return {"told": feed.tell(change, on, lambda: show.told(row))}
