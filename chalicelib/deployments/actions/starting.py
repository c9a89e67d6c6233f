"""What a finished push leads to where releases go out in steps: a rollout instead of a move."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.core import ids
from chalicelib.core.observe import logger
from chalicelib.deployments import rows
from chalicelib.deployments.actions import finish, sites
from chalicelib.deployments.rows import Deployment
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer
from chalicelib.projects.rules import delivery

ROLLING: dict[str, Any] = {"outcome": "ok", "live": False, "because": "rollout"}


def begin(row: Deployment, current: Pointer | None) -> dict[str, Any] | None:
    """Start the rollout of a deployment; None when it goes live at once, as is usual.

    It does when nothing is live yet, when the project says so, and when its rules and those of
    what is live look at more of a request than one route can say. Repeating it starts nothing
    twice: the execution's name follows from when the deployment was about to be promoted, and that
    moment is what tells which rollout is the newest.
    """
    project = project_rows.get(row.project)
    if current is None or project is None or not delivery.read(project.delivery).steps:
        return None
    if current.canary != row.id:
        if not sites.fit_together(current.deployment, row.id):
            logger().warning("too many looks for a rollout", extra={"deployment": row.id})
            return None
        identifier = _named(row, current.last_rollout or "")
        names = {"rollout": identifier, "project": row.project, "deployment": row.id}
        services().workflow.start("rollout", identifier, {**names, "run": 0})
    finish.ready(row)
    if row.held:
        rows.still_held(row, None)
    return ROLLING


def _named(row: Deployment, last: str) -> str:
    """The rollout's id, later than that of the last one unless that was its own.

    A deployment that waited may come to its turn after one that was promoted later.
    """
    moment, before = _moment(row), ids.moment(last)
    if before >= moment and ids.new("rol", before, seed=row.id) != last:
        moment = before + 1
    return ids.new("rol", max(moment, before), seed=row.id)


def _moment(row: Deployment) -> int:
    """When the deployment was about to be promoted first, in ms since 1970."""
    times = dict((row.stages or {}).get("promote") or {})
    began = times.get("started_at") or row.created_at
    return int(datetime.fromisoformat(began).timestamp() * 1000)
