"""What people do with a rollout: let it wait, go on, skip the rest of a step, or take it back."""

from __future__ import annotations

from typing import Any

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, not_found
from chalicelib.deployments.actions import holds, pointer
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Project
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import going
from chalicelib.rollouts.rows import Rollout
from chalicelib.rollouts.rules import states

TRIES = 6


def get(project: Project, rollout: str) -> Rollout:
    """One rollout of a project; raises NotFound."""
    row = rows.get(project.id, rollout)
    if row is None:
        raise not_found("rollout", rollout)
    return row


def pause(actor: Actor, project: Project, rollout: str) -> Rollout:
    """Keep the weight as it is until somebody resumes or aborts; a paused one stays paused."""
    row = get(project, rollout)
    for _ in range(TRIES):
        if row.state == states.PAUSED:
            return row
        _needs_open(row)
        if rows.change(
            row,
            state=states.PAUSED,
            paused_ms=clock.now_ms(),
            by=actor.id,
            reason="Paused by hand.",
            history=_remembered(actor, row, "pause", "Paused by hand."),
        ):
            return row
    raise _busy()


def resume(actor: Actor, project: Project, rollout: str) -> Rollout:
    """Go on with a paused rollout; the pause counts for no step. A running one goes on anyway."""
    row = get(project, rollout)
    for _ in range(TRIES):
        if row.state == states.RUNNING:
            return row
        _needs_open(row)
        now = clock.now_ms()
        since = int(row.step_since_ms) + now - int(row.paused_ms or now)
        if dict(row.verdict or {}).get("outcome") == "hold":
            since = now  # its time was over: it gets another one
        if rows.change(
            row,
            state=states.RUNNING,
            paused_ms=None,
            reason="",
            by=actor.id,
            decision=None,
            step_since_ms=since,
            run=int(row.run) + 1,
            looks=0,
            history=_remembered(actor, row, "resume", "Resumed by hand."),
        ):
            services().workflow.start("rollout", going.execution(row), going.began(row))
            return row
    raise _busy()


def advance(actor: Actor, project: Project, rollout: str) -> Rollout:
    """Have the present step pass without waiting for the judge; the next one begins at once."""
    row = get(project, rollout)
    for _ in range(TRIES):
        if row.state != states.RUNNING:
            _needs_open(row)
            raise Conflict("rollout_paused", "The rollout is paused.", hint="Resume it first.")
        holds.refuse_in_frost(project)
        if row.decision or int(row.shifted) <= int(row.step):
            raise _busy()
        history = _remembered(actor, row, "pass", "Passed by hand.")
        if rows.change(row, step=int(row.step) + 1, by=actor.id, history=history):
            outcome = going.shift(row)
            if outcome["outcome"] == "settle":
                going.settle(row)
            row.refresh(consistent_read=True)
            return row
    raise _busy()


def abort(actor: Actor, project: Project, rollout: str, reason: str) -> Rollout:
    """Take a rollout back: nobody sees its deployment any more, within seconds.

    One that is complete is taken back by a rollback to what was live before, as long as that is
    kept for it. Raises Conflict `rollout_over`.
    """
    row = get(project, rollout)
    why = reason or "aborted by hand"
    for _ in range(TRIES):
        if row.state == "completed" and _kept(row):
            pointer.rollback(actor, project, row.base, why)
            if rows.change(
                row,
                state="aborted",
                reason=why[:500],
                by=actor.id,
                kept_until=None,
                history=_remembered(actor, row, "abort", why[:500]),
            ):
                return row
        elif row.state == "aborted":
            return row
        else:
            _needs_open(row)
            history = _remembered(actor, row, "abort", why[:500])
            if rows.change(row, decision=why[:500], by=actor.id, history=history):
                going.withdraw(row)
                row.refresh(consistent_read=True)
                return row
    raise _busy()


def _remembered(actor: Actor, row: Rollout, outcome: str, why: str) -> list[dict[str, Any]]:
    return going.remembered(row, {"outcome": outcome, "why": [why], "by": actor.id})


def _kept(row: Rollout) -> bool:
    """Whether a complete rollout may be taken back at once: nothing else went live since."""
    current = project_rows.pointer(row.project)
    still = current is not None and current.deployment == row.deployment
    return still and (row.kept_until or "") > clock.iso()


def _needs_open(row: Rollout) -> None:
    if not states.is_open(row.state):
        raise Conflict(
            "rollout_over",
            f"The rollout is {row.state}: {row.reason}",
            hint="`deck rollback` changes what is live.",
        )


def _busy() -> Conflict:
    return Conflict(
        "rollout_busy", "The rollout is being changed at this moment.", hint="Try again."
    )
