"""The platform's side of a build: make it, start a runner, end it, and never lose its outcome.

A runner starts once the build has a slot (`queue`); until then the build waits.

A finished build answers the task token that Step Functions waits on. The answer may get lost,
the machine may have been started again with another token, the runner may have died: so the
outcome is written first, and whoever comes later (a repeated step, the sweep) answers again.
"""

from __future__ import annotations

from typing import Any

from chalicelib.builds import rows
from chalicelib.builds.actions import loglines, queue, slots, tokens
from chalicelib.builds.rows import Build
from chalicelib.builds.rules import sizes
from chalicelib.core import clock, ids
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict
from chalicelib.core.observe import logger
from chalicelib.ports import BuildOrder, NoRoom, Over, services
from chalicelib.teams.actions import is_active

SILENT_MS = 30_000
"""A runner sends at least a heartbeat every 10 s; one that is silent for so long is lost."""

MAX_ATTEMPTS = 2
GRACE_SECONDS = 15
"""The builder ends a build so much later than its runner would, who can say more about it."""

TRIES = 3
"""How often a build that found no slot looks again because one was freed that very moment."""

_SUSPENDED = {
    "code": "team_suspended",
    "message": "The team was suspended while its build waited.",
    "hint": "Ask whoever runs this installation.",
    "fault": "you",
}


def build_id(deployment: str) -> str:
    """The build of a deployment: the same deployment always has the same build."""
    return "bld_" + ids.label(deployment)


def run(build: str, task_token: str) -> None:
    """Wait for a build's outcome with `task_token`, starting a runner if none was started."""
    row = _existing(build)
    rows.change(row, Build.pk.exists(), task_token=task_token, answered=False)
    if row.state == "finished":
        answer(row)
    elif row.state == "queued":
        _get_going(row)


def _get_going(row: Build) -> None:
    """Start a build that has a slot; let one that has none wait for it, and say so in its log."""
    if row.slot is not None:
        _start(row)
        return
    for _ in range(TRIES):
        _, room = _dispatch(row)
        if row.slot is not None or (row.gsi2pk and not room) or not queue.enter(row):
            return  # it has begun, or was told why not, or is over
        if not room or queue.stay(row):
            break
    loglines.say(
        row.deployment, int(row.attempt), loglines.WAITS, [queue.sentence(row)], "prepare", "info"
    )


def dispatch(own: Build | None = None, *, thorough: bool = False) -> int:
    """Start waiting builds as far as there are slots, by fairness; returns how many.

    `own` is a build that the queue may not know yet; its faults are raised, those of others are
    left to the sweep. `thorough` takes back slots that were left behind.
    """
    return _dispatch(own, thorough=thorough)[0]


def _dispatch(own: Build | None, *, thorough: bool = False) -> tuple[int, bool]:
    """How many builds were started, and whether the builder had room for all that had a slot."""
    begun = 0
    for row in queue.admit(own, thorough=thorough):
        try:
            room = _start(row)
        except (OSError, RuntimeError) as fault:
            if row is own:
                raise
            logger().warning("not_started", extra={"build": row.order, "why": str(fault)})
            continue
        if not room:
            return begun, False
        begun += 1
    return begun, True


def _start(row: Build) -> bool:
    """Tell the builder about a build that has a slot; False when the builder has no room now.

    Then the slot is given back and the build waits: the sweep asks again. A machine that has ended
    while its order is still queued never got as far as its runner.
    """
    if not is_active(row.team):
        finish(row, "cancelled", error=_SUSPENDED)
        return True
    attempt = int(row.attempt)
    try:
        note = services().builder.start(order_of(row))
    except NoRoom as why:
        logger().info("order_waits", extra={"build": row.order, "why": str(why)})
        lease = slots.lease_of(row)
        if queue.leave(row):
            slots.give_back(lease, tell=False)
        loglines.say(row.deployment, attempt, loglines.NO_ROOM, [str(why)], "prepare", "warn")
        return False
    except Over as why:
        lose(row, str(why))
    else:
        if note:
            loglines.say(row.deployment, attempt, loglines.MACHINE, [note], "prepare", "warn")
    return True


def order_id(row: Build) -> str:
    """Name of the order that carries a build out now; what it uploads bears this name too."""
    return row.order


def order_of(row: Build) -> BuildOrder:
    """What the builder is told; the attempt is in the id, so a replacement is another order."""
    token = services().keys.unwrap(row.token_sealed, {"build": row.id}).decode()
    size = sizes.choose(row.size, "large", "").size
    return BuildOrder(
        build=row.order,
        token=token,
        deadline_seconds=seconds_of(row) + GRACE_SECONDS,
        trusted=bool(row.spec.get("trusted", True)),
        memory_mb=size.memory_mb,
        cpus=size.cpus,
        disk_mb=size.disk_mb,
        priority=int(row.priority),
    )


def seconds_of(row: Build) -> int:
    """How long a build may take, from its runner's claim on."""
    return int(row.seconds or settings().build_seconds)


def finish(
    row: Build,
    outcome: str,
    *,
    error: dict[str, Any] | None = None,
    report: dict[str, Any] | None = None,
) -> bool:
    """Write the outcome, once, free the slot and tell Step Functions.

    False when there was an outcome already. Raises Conflict `build_closed` when another order has
    the build by now, or a build that says `ok` has lost its slot.
    """
    if outcome == "ok":
        check_holder(row)
    first = rows.change(
        row,
        (Build.state != "finished") & (Build.attempt == int(row.attempt)),
        state="finished",
        outcome=outcome,
        error=error,
        report=report,
        finished_at=clock.iso(),
        gsi2pk=None,
        gsi2sk=None,
    )
    if row.state != "finished":
        raise _closed()
    answer(row)
    return first


def check_holder(row: Build) -> None:
    """Raise Conflict `build_closed` unless a build still holds the slot it was started with."""
    if row.state != "finished" and not slots.holds(row):
        raise _closed()


def _closed() -> Conflict:
    return Conflict(
        "build_closed",
        "This build was given to another machine, or its slot to another build.",
        hint="Stop the runner.",
    )


def answer(row: Build) -> None:
    """Free the slot of a finished build and answer the task that waits for it, unless it was."""
    if row.answered:
        return
    slots.give_back(slots.lease_of(row))
    if not row.task_token:
        return
    if services().workflow.succeed(row.task_token, {"outcome": row.outcome, "build": row.id}):
        rows.change(row, Build.task_token == row.task_token, answered=True)


def stop(build: str, outcome: str, error: dict[str, Any]) -> None:
    """End a build from outside; no error when it is over or unknown.

    A builder that cannot be told holds nothing up: the next call of its runner gets
    `build_closed`.
    """
    row = rows.get(build)
    if row is None:
        return
    running = row.state != "finished"
    for _ in range(MAX_ATTEMPTS):
        try:
            finish(row, outcome, error=error)
            break
        except Conflict:  # it was replaced this moment: the replacement ends as well
            continue
    if running:
        _halt(row)


def _halt(row: Build) -> None:
    try:
        services().builder.stop(order_id(row))
    except (OSError, RuntimeError) as fault:
        logger().warning("not_stopped", extra={"build": order_id(row), "why": str(fault)})


def lose(row: Build, why: str) -> None:
    """Replace a lost runner once; then the build failed, and it was not the person's fault."""
    attempt = int(row.attempt)
    if attempt >= MAX_ATTEMPTS:
        finish(
            row,
            "failed",
            error={
                "code": "runner_lost",
                "message": f"The build machine was lost twice ({why}).",
                "hint": "Deploy again; if it stays, look at the health of the installation.",
                "fault": "platform",
            },
        )
        return
    token = tokens.new_token(row.id)
    lease = slots.lease_of(row)
    replaced = rows.change(
        row,
        (Build.state != "finished") & (Build.attempt == attempt),
        attempt=attempt + 1,
        state="queued",
        instance=None,
        token_hash=tokens.hash_of(token),
        token_sealed=services().keys.wrap(token.encode(), {"build": row.id}),
        heartbeat_ms=clock.now_ms(),
        deadline_ms=None,
        slot=None,
        place=None,
        fence=None,
    )
    if replaced:
        slots.give_back(lease)
        _get_going(row)


def reap(build: str, now_ms: int) -> bool:
    """Close what was lost of one build: a silent runner, a missed deadline, a lost answer.

    True when the build is over and nobody waits for its outcome: the task token that is known is
    of an execution that has ended.
    """
    row = rows.get(build)
    if row is None:
        return False
    if row.state == "running" and row.deadline_ms and now_ms > int(row.deadline_ms) + SILENT_MS:
        stop(row.id, "failed", timeout(row))
    elif row.state == "running" and now_ms - int(row.heartbeat_ms) > SILENT_MS:
        _halt(row)
        lose(row, "it fell silent")
    elif row.state == "queued" and row.slot is None:
        # thousands may wait: the whole queue is looked at only for one that could begin
        if queue.may_begin(row):
            dispatch(row)
    elif row.state == "queued":
        _start(row)
    elif row.state == "finished":
        answer(row)
        return not row.answered
    return False


def timeout(row: Build) -> dict[str, Any]:
    """The error of a build that took too long."""
    return {
        "code": "timeout",
        "message": f"The build took longer than {seconds_of(row)} s.",
        "hint": "Make the build faster, or raise the limit.",
        "fault": "you",
    }


def _existing(build: str) -> Build:
    row = rows.get(build)
    if row is None:
        raise Conflict("build_unknown", f"There is no build {build}.")
    return row
