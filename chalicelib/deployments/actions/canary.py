"""A rollout's hold on the production pointer: it shows a canary, makes it production, or takes it
back.

A rollout moves nothing any more once a person has promoted, rolled back or locked, or a newer
rollout has begun: each of these functions then answers None. They may be called again with the
same arguments.
"""

from __future__ import annotations

from typing import Any

from chalicelib.audit import actions as audit
from chalicelib.core import clock
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import finish, moving, releases, show, sites
from chalicelib.deployments.actions.moving import Move
from chalicelib.deployments.rows import Deployment
from chalicelib.deployments.rules import past
from chalicelib.edge.rules.routes import Match
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer

TRIES = 12
CLEARED: dict[str, Any] = {
    **dict.fromkeys(("canary", "canary_sequence", "match", "rollout")),
    "weight": 0,
}
"""What a pointer says when no rollout runs."""


def shift(
    project: str, rollout: str, deployment: str, weight: int, match: Match | None
) -> Pointer | None:
    """Show a deployment to `weight` of 10,000 visitors and to those whom `match` names.

    The first call of a rollout takes the pointer: it has to be newer than every other one that
    showed something there (ids sort by time), its deployment newer than what is live, and the
    pointer neither pinned nor the project locked. Raises RuntimeError when the pointer is moved
    too often to move it.
    """
    row = rows.get(deployment)
    if row is None or row.project != project or row.state != "ready" or not row.published:
        return None
    named = None
    if match is not None:
        named = {"kind": match.kind, "name": match.name, "values": list(match.values)}
    for _ in range(TRIES):
        current = project_rows.pointer(project)
        if current is None or not _may_show(current, rollout, row):
            return None
        wanted: dict[str, Any] = {
            "canary": deployment,
            "canary_sequence": int(row.sequence),
            "weight": weight,
            "match": named,
            "rollout": rollout,
        }
        if all(getattr(current, name) == value for name, value in wanted.items()):
            sites.tell_edge(project)
            return current
        left = [current.canary] if current.canary and current.canary != deployment else []
        changes = wanted | {
            "last_rollout": rollout,
            "looks": list(sites.looks_of((current.deployment, deployment))),
            "past": past.after(current.past or (), left, deployment, clock.now_ms()),
        }
        if moving.rewrite(current, changes, unlocked=True):
            sites.tell_edge(project)
            return project_rows.pointer(project)
        found = project_rows.get(project)
        if found is None or found.deleted_at or found.lock:
            return None
    raise RuntimeError(f"the pointer of {project} is moved too often to move it")


def _may_show(current: Pointer, rollout: str, row: Deployment) -> bool:
    if current.rollout == rollout:
        return bool(current.canary == row.id)
    newer = rollout > (current.last_rollout or "")
    place = rules.Move(int(current.sequence), bool(current.pinned))
    return newer and not rules.may_promote(place, int(row.sequence))


def settle(project: str, rollout: str, deployment: str, reason: str) -> Pointer | None:
    """Make the canary production. Raises RuntimeError as `shift`."""
    for _ in range(TRIES):
        current = project_rows.pointer(project)
        row = rows.get(deployment)
        if current is None or row is None:
            return None
        if current.deployment == deployment and current.last_rollout == rollout:
            return _settled(row, current)
        if current.rollout != rollout or current.canary != deployment:
            return None
        if moving.write(Move(row, row.created_by, reason), current):
            return _settled(row, project_rows.pointer(project))
        found = project_rows.get(project)
        if found is None or found.deleted_at or found.lock:
            return None
    raise RuntimeError(f"the pointer of {project} is moved too often to move it")


def _settled(row: Deployment, current: Pointer | None) -> Pointer | None:
    """Tell of a canary that became production: the edge, the audit log, those who watch."""
    if current is None or current.deployment != row.id:
        return current
    releases.arrived(row.project)
    finish.went_live(row, int(current.generation), current.reason)
    row.refresh(consistent_read=True)
    rows.close(row)
    show.tell(row)
    return current


def withdraw(project: str, rollout: str, reason: str) -> Pointer | None:
    """Take the canary back: everybody sees production again, within seconds.

    `reason` goes into the audit log. Raises RuntimeError as `shift`.
    """
    for _ in range(TRIES):
        current = project_rows.pointer(project)
        if current is None:
            return None
        if current.rollout is None and current.last_rollout == rollout:
            sites.tell_edge(project)
            return current
        if current.rollout != rollout or current.canary is None:
            return None
        left = current.canary
        if moving.rewrite(current, clearing(current)):
            sites.take_off(project, left)
            _withdrawn(project, left, reason, int(current.generation))
            return project_rows.pointer(project)
        found = project_rows.get(project)
        if found is None or found.deleted_at:
            return None
    raise RuntimeError(f"the pointer of {project} is moved too often to move it")


def clearing(current: Pointer) -> dict[str, Any]:
    """What becomes of a pointer whose canary is taken back."""
    left = [current.canary] if current.canary else []
    return CLEARED | {
        "looks": list(sites.looks_of((current.deployment,))),
        "past": past.after(current.past or (), left, current.deployment, clock.now_ms()),
    }


def _withdrawn(project: str, deployment: str, reason: str, generation: int) -> None:
    row = rows.get(deployment)
    if row is not None:
        audit.record(
            f"{project}:{generation}",
            row.team,
            "deployments.withdraw",
            project,
            label=row.slug,
            after={"deployment": deployment, "reason": reason[:500]},
        )
