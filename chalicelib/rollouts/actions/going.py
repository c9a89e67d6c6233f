"""A rollout goes on: shift, look, settle, withdraw. One function per state of the machine.

Each may run twice, and may find that somebody else has been faster: it reads what is there, does
what is left to do, and answers what comes next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.core import clock
from chalicelib.core.config import settings
from chalicelib.deployments.actions import holds, pointer
from chalicelib.deployments.rules.holds import Held
from chalicelib.edge.rules.routes import Match
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rules.delivery import Judge as Limits
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import checking, telling
from chalicelib.rollouts.actions.checking import Checked
from chalicelib.rollouts.rows import Rollout
from chalicelib.rollouts.rules import judge as judging
from chalicelib.rollouts.rules import looks, states
from chalicelib.rollouts.rules.judge import Look, Verdict
from chalicelib.traffic import actions as traffic
from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules.counts import Counts

Outcome = dict[str, Any]
FREEZE_SECONDS = 600
"""So often a rollout that has shown nothing yet looks whether somebody ended the freeze."""
OVER: Outcome = {"outcome": "over", "wait": 0}


def shift(row: Rollout) -> Outcome:
    """Move the pointer to the weight of the step; its time begins when it was moved first."""
    step = int(row.step)
    if row.state != states.RUNNING:
        return _tidied(row)
    frost = _frost(row) if int(row.shifted) <= step else None
    if frost is not None:
        return _frozen(row, frost)
    if states.over_at_once(row.steps, step):
        return {"outcome": "settle", "wait": 0}
    weight, bake = row.steps[step]
    if pointer.shift(row.project, row.id, row.deployment, int(weight), _match(row)) is None:
        return overtaken(row)
    if int(row.shifted) <= step and not rows.change(
        row,
        shifted=step + 1,
        step_since_ms=clock.now_ms(),
        reason="",
        began=judging.read(row.judge).canary.told(),
        history=remembered(row, {"outcome": "shift", "weight": weight, "why": []}),
    ):
        return _tidied(row) if row.state != states.RUNNING else _again(row)
    telling.moved(row)
    return _bake(_baked(row), bake)


def _frost(row: Rollout) -> Held | None:
    found = project_rows.get(row.project)
    return holds.frost(found) if found is not None else None


def _frozen(row: Rollout, frost: Held) -> Outcome:
    """In a freeze nobody sees more of a deployment: the step before goes on, with its judge."""
    step = int(row.step)
    changes: dict[str, Any] = {"reason": _frozen_until(frost)}
    if step:
        changes["step"] = step - 1
    if (step or row.reason != changes["reason"]) and not rows.change(row, **changes):
        return _again(row)
    left = (clock.ms(frost.until or clock.iso()) - clock.now_ms()) // 1000 + 1
    return {"outcome": "bake", "wait": max(1, min(left, 1 if step else FREEZE_SECONDS))}


def _frozen_until(frost: Held) -> str:
    return f"The next step waits for the end of a freeze, {frost.until}: {frost.detail}"[:500]


def _tidied(row: Rollout) -> Outcome:
    """A rollout that was closed while the pointer was moved for it holds it no more."""
    if not states.is_open(row.state):
        pointer.withdraw(row.project, row.id, row.reason)
    return OVER


def look(row: Rollout, run: int) -> Outcome:
    """Ask the judge, write its verdict down, and say what follows from it."""
    if row.state != states.RUNNING or int(row.run) != run:
        return OVER
    if row.decision:
        return {"outcome": "withdraw", "wait": 0}
    if int(row.shifted) <= int(row.step):
        return {"outcome": "shift", "wait": 0}
    current = project_rows.pointer(row.project)
    if current is None or current.rollout != row.id:
        return overtaken(row)
    return _judged(row)


def _judged(row: Rollout) -> Outcome:
    limits = Limits(**dict(row.limits))
    checks = checking.checked(row)
    state, verdict = judging.judge(judging.read(row.judge), _seen(row, checks), limits)
    frost = _frost(row) if verdict.outcome == "pass" else None
    if frost is not None:
        verdict = replace(verdict, outcome="wait", why=(_frozen_until(frost),))
    told = _told(row, verdict, checks)
    look = rows.look(row.id, state.looks, told)
    if not rows.change(row, look, **_learned(row, verdict, told), judge=state.told()):
        return _again(row)
    old = looks.forgotten(state.looks)
    if old is not None:
        rows.forget_look(row.id, old)
    if verdict.outcome == "hold":
        telling.paused(row)
    else:
        telling.looked(row)
    if verdict.outcome != "wait":
        outcomes = {"pass": "shift", "abort": "withdraw", "hold": "over"}
        return {"outcome": outcomes[verdict.outcome], "wait": 0}
    if int(row.looks) >= states.LOOKS_A_RUN:
        start_again(row)
        return OVER
    return _bake(_baked(row), row.steps[int(row.step)][1])


def settle(row: Rollout) -> Outcome:
    """Everybody sees the deployment from now on; what was live is kept for a return."""
    if row.state == "completed":
        return OVER
    why = f"rolled out ({row.strategy})"
    if pointer.settle(row.project, row.id, row.deployment, why) is None:
        return overtaken(row)
    kept = clock.iso(clock.now_ms() + 1000 * int(row.keep_seconds))
    if not telling.end(row, "completed", "All steps were passed.", kept_until=kept):
        return _again(row)
    return OVER


def withdraw(row: Rollout) -> Outcome:
    """Nobody sees the deployment any more: the judge, or a person, said so."""
    if not states.is_open(row.state):
        return OVER
    reason = row.decision or "taken back"
    if int(row.shifted) and pointer.withdraw(row.project, row.id, reason) is None:
        return overtaken(row)
    if not telling.end(row, "aborted", reason):
        return _again(row)
    return OVER


def overtaken(row: Rollout) -> Outcome:
    """The pointer follows somebody else: say whom, and leave it alone."""
    current = project_rows.pointer(row.project)
    if current is not None and current.deployment == row.deployment:
        said = ("completed", "It was made live by hand.")
    elif current is not None and current.rollout and current.rollout != row.id:
        said = ("overtaken", f"A newer deployment took its place: {current.canary}.")
    elif current is not None and (current.last_rollout or "") > row.id:
        said = ("overtaken", "A newer rollout took its place.")
    else:
        said = ("overtaken", "The site was promoted, rolled back, pinned or locked meanwhile.")
    for _ in range(3):
        if not states.is_open(row.state) or telling.end(row, *said):
            break
    return OVER


def start_again(row: Rollout) -> None:
    """Go on in another execution; the one before finds its number is over."""
    run = int(row.run) + 1
    if rows.change(row, run=run, looks=0):
        services().workflow.start("rollout", execution(row), began(row))


def execution(row: Rollout) -> str:
    """Name of the execution that carries a rollout now."""
    return row.id if not int(row.run) else f"{row.id}-{int(row.run)}"


def began(row: Rollout) -> dict[str, Any]:
    """What an execution is started with."""
    return {
        "rollout": row.id,
        "project": row.project,
        "deployment": row.deployment,
        "run": int(row.run),
    }


def _seen(row: Rollout, checks: Sequence[Checked]) -> Look:
    """Everything there is to be seen now."""
    since = int(datetime.fromisoformat(row.created_at).timestamp() * 1000)
    found = traffic.counts(row.project, since, clock.now_ms())
    canary = found.get(row.deployment, Counts())
    return Look(
        canary=canary,
        live=found.get(row.base, Counts()),
        step=canary - counting.read(row.began),
        seconds=_baked(row),
        bake=float(row.steps[int(row.step)][1]),
        failed=tuple(one.fault for one in checks if one.fault),
    )


def _told(row: Rollout, verdict: Verdict, checks: Sequence[Checked]) -> dict[str, Any]:
    """A verdict as it is written down."""
    step = int(row.step)
    return {
        "at": clock.iso(),
        "step": step,
        "weight": row.steps[step][0],
        "outcome": verdict.outcome,
        "why": list(verdict.why),
        "numbers": dict(verdict.numbers),
        "checks": [one.told() for one in checks],
    }


def _learned(row: Rollout, verdict: Verdict, told: dict[str, Any]) -> dict[str, Any]:
    """What a verdict changes in the row."""
    changes: dict[str, Any] = {"verdict": told, "looks": int(row.looks) + 1}
    if verdict.outcome == "wait":
        return changes
    changes["history"] = remembered(row, told)
    if verdict.outcome == "pass":
        changes["step"] = int(row.step) + 1
    elif verdict.outcome == "abort":
        changes["decision"] = " ".join(verdict.why)[:500]
    else:
        changes |= {
            "state": states.PAUSED,
            "paused_ms": clock.now_ms(),
            "reason": " ".join(verdict.why)[:500],
        }
    return changes


def remembered(row: Rollout, entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The history of a rollout with one more entry, of now and of the present step."""
    entry = {"at": clock.iso(), "step": int(row.step)} | entry
    return [*list(row.history or ()), entry][-states.HISTORY :]


def _baked(row: Rollout) -> float:
    """Seconds that the step has been shown for, without pauses."""
    return max(0, clock.now_ms() - int(row.step_since_ms)) / 1000


def _bake(baked: float, bake: float) -> Outcome:
    every = settings().rollout_look_seconds
    return {"outcome": "bake", "wait": states.pause_until_next_look(baked, float(bake), every)}


def _again(row: Rollout) -> Outcome:
    """Somebody else changed the rollout at this moment: look at what it is now."""
    if row.state != states.RUNNING:
        return OVER
    return {"outcome": "bake", "wait": 1}


def _match(row: Rollout) -> Match | None:
    if not row.match:
        return None
    told = dict(row.match)
    return Match(told["kind"], str(told["name"]), tuple(told["values"]))
