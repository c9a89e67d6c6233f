"""Rollouts whose execution was lost go on in another one; those that lost the pointer are closed.

A part of the sweep: it decides nothing that a state of the machine would not decide.
"""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.config import settings
from chalicelib.core.observe import logger
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import going
from chalicelib.rollouts.rows import Rollout
from chalicelib.rollouts.rules import states

QUIET_MS = 30_000
"""A rollout that changed so lately is left alone, beside the time between two looks."""


def sweep() -> dict[str, int]:
    """Look after every rollout that is open; how many there were, and how many were resumed."""
    count = {"rollouts": 0, "rollouts_resumed": 0}
    for project, rollout in list(rows.still_open()):
        count["rollouts"] += 1
        try:
            count["rollouts_resumed"] += _look_after(project, rollout)
        except Exception:  # one that is broken keeps none of the others
            logger().exception("rollout", extra={"project": project, "rollout": rollout})
    return count


def _look_after(project: str, rollout: str) -> bool:
    row = rows.get(project, rollout)
    if row is None or not states.is_open(row.state):
        return False
    if _lost(row):
        going.overtaken(row)
        return False
    quiet = QUIET_MS + 1000 * settings().rollout_look_seconds
    if row.state == states.PAUSED or clock.now_ms() - int(row.touched_ms) < quiet:
        return False
    if services().workflow.status("rollout", going.execution(row)) == "RUNNING":
        return False
    going.start_again(row)
    return True


def _lost(row: Rollout) -> bool:
    """Whether the project is gone, or the pointer follows somebody else since the first shift."""
    found = project_rows.get(row.project)
    if found is None or found.deleted_at:
        return True
    if not int(row.shifted):
        return False
    current = project_rows.pointer(row.project)
    return current is None or current.rollout != row.id
