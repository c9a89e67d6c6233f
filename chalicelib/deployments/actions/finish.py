"""A deployment ends: in exactly one way, and everybody is told."""

from __future__ import annotations

from typing import Any

from chalicelib.audit import actions as audit
from chalicelib.builds.actions import loglines, order
from chalicelib.core import clock
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import show
from chalicelib.deployments.rows import Deployment
from chalicelib.ports import services


def ready(row: Deployment, held: dict[str, Any] | None = None, **marks: str) -> None:
    """Close a deployment that is published; repeating it changes nothing.

    `held` says why it is not live, should it go live once that is over.
    """
    now = clock.iso()
    stages = show.closed(row, **marks)
    if rows.advance(row, "ready", stages=stages, held=held, ready_at=now, finished_at=now):
        show.tell(row)


def fail(deployment: str, error: dict[str, Any]) -> None:
    """Close a deployment that cannot go on; one that is over stays as it is."""
    row = rows.get(deployment)
    if row is None:
        return
    stage = rules.STAGE_OF.get(row.state)
    marks = {stage: "failed"} if stage else {}
    order.stop(order.build_id(row.id), "failed", error)
    if rows.advance(
        row, "failed", stages=show.closed(row, **marks), error=error, finished_at=clock.iso()
    ):
        loglines.note(row.id, 9, f"{error['code']}: {error['message']}", "upload", "error")
        show.tell(row)


def fault(deployment: str, cause: str) -> None:
    """The one exit for the platform's faults: the machine caught what it could not cure."""
    fail(
        deployment,
        rules.failure(
            "pipeline_fault",
            f"CloudDeck failed to carry this deployment on: {cause[:500]}",
            "This is not your fault. Deploy again; the site that was live stays live.",
        ),
    )


def notify(deployment: str) -> None:
    """Tell the audit log and the world outside that a deployment is over (`deployment.finished`).

    The last thing that is done for a deployment: only then the sweep stops looking after it.
    """
    row = rows.get(deployment)
    if row is None or row.state not in rules.TERMINAL:
        return
    _record(row)
    services().bus.put("deployment.finished", show.event(row))
    rows.close(row)


def went_live(row: Deployment, generation: int, reason: str) -> None:
    """Write down that a deployment became production without a person's request; once."""
    audit.record(
        f"{row.project}:{generation}",
        row.team,
        "deployments.go_live",
        row.project,
        label=row.slug,
        after={"deployment": row.id, "reason": reason},
    )


def _record(row: Deployment) -> None:
    """Write down how a deployment ended and whether the pipeline made it live; each once."""
    error = dict(row.error or {})
    after = {"state": row.state, "target": row.target, "branch": row.branch, "commit": row.commit}
    if error:
        after["error"] = str(error.get("code", ""))
    for move in rows.moves(row.project) if row.state == "ready" else ():
        # both were written in one transaction, so the moment is the same
        if move.deployment == row.id and move.moved_at == row.ready_at:
            went_live(row, int(move.generation), move.reason)
    audit.record(
        f"{row.id}:{row.state}",
        row.team,
        f"deployments.{row.state}",
        row.id,
        of=row.project,
        label=row.slug,
        after=after,
    )
