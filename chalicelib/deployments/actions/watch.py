"""Watching a deployment live: first what was, then what comes."""

from __future__ import annotations

from chalicelib.builds.actions import loglines
from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import not_found
from chalicelib.deployments import rows
from chalicelib.deployments.actions import show
from chalicelib.deployments.rows import Deployment
from chalicelib.live import actions as live
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.teams import actions as teams

BACKLOG = 500
"""Lines that are read at a time."""


def authorise(actor: Actor, permission: str, _scope: str, path: dict[str, str]) -> Deployment:
    """The deployment that a route's path names, when the actor may do `permission` with it."""
    return permitted(actor, path["deployment"], permission)


def permitted(actor: Actor, deployment: str, permission: str) -> Deployment:
    """A deployment, when the actor may do `permission` with it; NotFound otherwise."""
    absent = not_found("deployment", deployment)
    if not ids.is_id(deployment, "dpl"):
        raise absent
    row, read = rows.get_with(deployment, *teams.likely(actor))
    if row is None:
        raise absent
    on = _resource(row)
    row.member = teams.require(actor, row.team, permission, absent=absent, read=read, on=on)
    return row


def find(deployment: str) -> tuple[str, teams.Resource] | None:
    """A deployment by id, for policies that name it: its team, and what it is there."""
    row = rows.get(deployment) if ids.is_id(deployment, "dpl") else None
    return None if row is None else (row.team, _resource(row))


def _resource(row: Deployment) -> teams.Resource:
    return teams.Resource(
        "deployment", row.id, environment=row.environment or row.target, project=row.project
    )


def subscribe(actor: Actor, connection: str, deployment: str, after: int) -> None:
    """Subscribe first and send the backlog then, so that no line falls between.

    Nothing more is read for a connection that hung up, or does not read.
    """
    row = permitted(actor, deployment, "deployment.read")
    environment = _resource(row).environment
    live.watch(connection, row.id, actor, row.team, row.project, environment)
    send = services().live.send
    send(connection, {"type": "subscribed", "deployment": row.id})
    while lines := loglines.after(row.id, after, BACKLOG):
        for message in loglines.messages(row.id, lines):
            if not send(connection, message):
                return
        after = int(lines[-1]["n"])
    row.refresh(consistent_read=True)
    content = show.view(row, project_rows.production_of(row.project))
    send(connection, {"type": "deployment", "deployment": content})
