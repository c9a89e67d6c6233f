"""The platform's side of a build: make it, start a runner, end it, and never lose its outcome.

A finished build answers the task token that Step Functions waits on. The answer may get lost,
the machine may have been started again with another token, the runner may have died: so the
outcome is written first, and whoever comes later (a repeated step, the sweep) answers again.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from pynamodb.exceptions import PutError

from chalicelib.builds import rows
from chalicelib.builds.actions import loglines
from chalicelib.builds.rows import Build
from chalicelib.core import clock, ids, table
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict, Unauthenticated
from chalicelib.core.observe import logger
from chalicelib.ports import BuildOrder, NoRoom, Over, services

SILENT_MS = 30_000
"""A runner sends at least a heartbeat every 10 s; one that is silent for so long is lost."""

MAX_ATTEMPTS = 2
GRACE_SECONDS = 15
"""The builder ends a build so much later than its runner would, who can say more about it."""


def build_id(deployment: str) -> str:
    """The build of a deployment: the same deployment always has the same build."""
    return "bld_" + ids.label(deployment)


def make(deployment: str, project: str, team: str, spec: dict[str, Any]) -> Build:
    """The build row of a deployment, made once; `spec` is all that the runner may know."""
    identifier = build_id(deployment)
    token = new_token(identifier)
    row = Build(
        pk=rows.key(identifier),
        sk="META",
        gsi1pk=f"DEP#{deployment}",
        gsi1sk=rows.key(identifier),
        id=identifier,
        deployment=deployment,
        project=project,
        team=team,
        state="queued",
        token_hash=_hash(token),
        token_sealed=services().keys.wrap(token.encode(), {"build": identifier}),
        heartbeat_ms=clock.now_ms(),
        spec=spec,
        created_at=clock.iso(),
    )
    try:
        row.save(condition=Build.pk.does_not_exist())
    except PutError as error:
        if not table.lost_condition(error):
            raise
        return _existing(identifier)
    return row


def new_token(build: str) -> str:
    """A build token: names its build, so that checking it reads one row and no index."""
    return f"cdr_{ids.label(build)}_{secrets.token_hex(32)}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def authenticate(token: str) -> Actor:
    """The build behind a build token; raises Unauthenticated."""
    parts = token.split("_")
    if len(parts) == 3 and parts[0] == "cdr" and ids.is_id("bld_" + parts[1], "bld"):
        row = rows.get("bld_" + parts[1])
        if row is not None and hmac.compare_digest(row.token_hash, _hash(token)):
            return Actor(
                kind="build",
                id=row.id,
                build=row.id,
                deployment=row.deployment,
                project=row.project,
                team=row.team,
            )
        raise Unauthenticated(
            "token_revoked",
            "This build token is not valid any more.",
            hint="The build was given to another runner, or is gone.",
        )
    raise Unauthenticated("token_malformed", "This is not a build token.", hint="Nothing to do.")


def run(build: str, task_token: str) -> None:
    """Wait for a build's outcome with `task_token`, starting a runner if none was started."""
    row = _existing(build)
    rows.change(row, Build.pk.exists(), task_token=task_token, answered=False)
    if row.state == "finished":
        answer(row)
    elif row.state == "queued":
        _start(row)


def _start(row: Build) -> None:
    """Tell the builder; without room there the order stays queued, and the sweep tells it again.

    A machine that has ended while its order is still queued never got as far as its runner.
    """
    try:
        services().builder.start(order_of(row))
    except NoRoom as why:
        logger().info("order_waits", extra={"build": order_id(row), "why": str(why)})
        attempt = int(row.attempt)
        loglines.say(row.deployment, attempt, loglines.BEFORE, [str(why)], "prepare", "warn")
    except Over as why:
        lose(row, str(why))


def order_id(row: Build) -> str:
    """Name of the order that carries a build out now; what it uploads bears this name too."""
    return f"{row.id}-{int(row.attempt)}"


def order_of(row: Build) -> BuildOrder:
    """What the builder is told; the attempt is in the id, so a replacement is another order."""
    token = services().keys.unwrap(row.token_sealed, {"build": row.id}).decode()
    return BuildOrder(
        build=order_id(row),
        token=token,
        deadline_seconds=settings().build_seconds + GRACE_SECONDS,
        trusted=bool(row.spec.get("trusted", True)),
    )


def finish(
    row: Build,
    outcome: str,
    *,
    error: dict[str, Any] | None = None,
    report: dict[str, Any] | None = None,
) -> bool:
    """Write the outcome, once, and tell Step Functions; False when there was an outcome already."""
    first = rows.change(
        row,
        Build.state != "finished",
        state="finished",
        outcome=outcome,
        error=error,
        report=report,
        finished_at=clock.iso(),
    )
    answer(row)
    return first


def answer(row: Build) -> None:
    """Answer the waiting task of a finished build, unless it was answered."""
    if row.answered or not row.task_token:
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
    finish(row, outcome, error=error)
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
    token = new_token(row.id)
    replaced = rows.change(
        row,
        (Build.state != "finished") & (Build.attempt == attempt),
        attempt=attempt + 1,
        state="queued",
        instance=None,
        token_hash=_hash(token),
        token_sealed=services().keys.wrap(token.encode(), {"build": row.id}),
        heartbeat_ms=clock.now_ms(),
        deadline_ms=None,
    )
    if replaced:
        _start(row)


def reap(build: str, now_ms: int) -> bool:
    """Close what was lost of one build: a silent runner, a missed deadline, a lost answer.

    True when the build is over and nobody waits for its outcome: the task token that is known is
    of an execution that has ended.
    """
    row = rows.get(build)
    if row is None:
        return False
    if row.state == "running" and row.deadline_ms and now_ms > int(row.deadline_ms) + SILENT_MS:
        stop(row.id, "failed", timeout())
    elif row.state == "running" and now_ms - int(row.heartbeat_ms) > SILENT_MS:
        _halt(row)
        lose(row, "it fell silent")
    elif row.state == "queued":
        _start(row)
    elif row.state == "finished":
        answer(row)
        return not row.answered
    return False


def timeout() -> dict[str, Any]:
    """The error of a build that took too long."""
    return {
        "code": "timeout",
        "message": f"The build took longer than {settings().build_seconds} s.",
        "hint": "Make the build faster, or raise the limit.",
        "fault": "you",
    }


def _existing(build: str) -> Build:
    row = rows.get(build)
    if row is None:
        raise Conflict("build_unknown", f"There is no build {build}.")
    return row
