"""Who hears of a rollout: those who watch its team, and once it is over the bus."""

from __future__ import annotations

from chalicelib.core.observe import logger
from chalicelib.live import feed
from chalicelib.ports import services
from chalicelib.rollouts import rows
from chalicelib.rollouts.rows import Rollout

FINISHED = "rollout.finished"
PAUSED = "rollout.paused"


def moved(row: Rollout) -> None:
    """A step was taken, or the judge stopped it."""
    feed.changed(row.team, row.project, "rollout", row.id)


def looked(row: Rollout) -> None:
    """The judge has looked: those who have the rollout open see its numbers."""
    feed.changed(row.team, row.project, "look", row.id)


def paused(row: Rollout) -> None:
    """The judge lets it wait for a person."""
    _put(PAUSED, row)
    moved(row)


def end(row: Rollout, state: str, reason: str, **values: object) -> bool:
    """Close a rollout and say so; False when somebody has changed it meanwhile.

    Said after it was written: should this process die in between, the rollout is over and nobody
    was told, which costs somebody a message and no visitor anything.
    """
    if not rows.end(row, state, reason, **values):
        return False
    _put(FINISHED, row)
    moved(row)
    return True


def _put(kind: str, row: Rollout) -> None:
    """On the bus; a bus that refuses undoes nothing of what the rollout did."""
    detail = {
        "version": 1,
        "rollout": row.id,
        "project": row.project,
        "team": row.team,
        "deployment": row.deployment,
        "state": row.state,
        "step": int(row.step),
        "reason": row.reason,
    }
    try:
        services().bus.put(kind, detail)
    except Exception:
        logger().exception("nobody hears of a rollout", extra={"rollout": row.id})
