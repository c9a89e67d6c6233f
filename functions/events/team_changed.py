"""`team.changed`: those who watch a team, or the installation, are told."""

from __future__ import annotations

from typing import Any

from chalicelib.core import ids
from chalicelib.deployments import rows
from chalicelib.deployments.actions import show
from chalicelib.live import feed
from chalicelib.live.rules import INSTALLATION
from chalicelib.teams.actions import Resource


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """`{"told": how many connections}`. A deployment is read now, so it is never an older one."""
    change = feed.read(event["detail"])
    if change.team == INSTALLATION:
        return {"told": feed.tell_installation(change)}
    named = change.deployment or (change.id if ids.is_id(change.id, "dpl") else "")
    if not named:
        on = Resource("project", change.project) if change.project else None
        on = on or Resource("team", change.team)
        return {"told": feed.tell(change, on, change.message)}
    row = rows.get(named)
    if row is None or row.team != change.team or row.project != change.project:
        return {"told": 0}
    environment = row.environment or row.target
    on = Resource("deployment", row.id, environment=environment, project=row.project)
    message = (lambda: show.told(row)) if change.deployment else change.message
    return {"told": feed.tell(change, on, message)}
