"""A deployment ends from outside: overtaken, cancelled, or with its project."""

from __future__ import annotations

from chalicelib.builds.actions import order
from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import show
from chalicelib.deployments.rows import Deployment

PROJECT_GONE = "The project was deleted."
TEAM_SUSPENDED = "The team is suspended."


def supersede(deployment: str, by: str) -> None:
    """End an older deployment of the branch that is still on its way."""
    row = rows.get(deployment)
    if row is None or row.state in rules.TERMINAL or row.published:
        return
    end(row, "superseded", f"A newer push took its place ({by}).")


def end(row: Deployment, outcome: str, reason: str) -> bool:
    """End a deployment from outside (`superseded`, `cancelled`); False when it was over.

    The build ends first: whoever dies in between leaves a build whose outcome ends the deployment.
    """
    error = rules.failure(outcome, reason, fault="you")
    if row.state in rules.TERMINAL:
        return False
    order.stop(order.build_id(row.id), outcome, error)
    ended = rows.advance(row, outcome, finished_at=clock.iso(), error=error)
    if ended:
        show.tell(row)
    return ended


def cancel(row: Deployment, actor: Actor) -> Deployment:
    """Cancel a deployment; raises Conflict when it is finished."""
    if not end(row, "cancelled", f"Cancelled by {actor.id}."):
        if row.state == "cancelled":
            return row
        raise Conflict(
            "already_finished",
            f"This deployment is {row.state}; only one on its way can be cancelled.",
            hint="Use rollback to leave a deployment that is live.",
        )
    return row
