"""Closing what was lost: executions, answers, runners, pushes.

Runs every minute and after every restart. It decides nothing that a step would not decide: it
reads rows, and makes the step happen that should have happened.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from chalicelib.builds.actions import order
from chalicelib.core import clock
from chalicelib.core.observe import logger
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import (
    aliases,
    changes,
    create,
    finish,
    pointer,
    previews,
    steps,
    waiting,
)
from chalicelib.deployments.rows import Deployment
from chalicelib.git import actions as git
from chalicelib.ports import services
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows

QUIET_MS = 4_000
"""A deployment that changed so lately is left alone: its execution may just be starting."""

MAX_RUNS = 8

CLEANING_SECONDS = 30
"""So long one sweep begins to remove deleted projects; the next one goes on with the rest."""


def sweep() -> dict[str, int]:
    """Look after every deployment on its way and every push that nobody told us of."""
    count = {
        "open": 0,
        "resumed": 0,
        "caught_up": 0,
        "carried_on": 0,
        "told": 0,
        "expired": 0,
        "troubled": 0,
    }
    for identifier in list(rows.still_open()):
        count["open"] += 1
        with _troubled(count, deployment=identifier):
            count["resumed"] += _look_after(identifier)
    for project in services().repositories.projects():
        with _troubled(count, project=project):
            count["caught_up"] += catch_up(project)
    with _troubled(count):
        count["carried_on"] = waiting.go_on()
    with _troubled(count):
        count["told"] = changes.tell_again()
    until = time.monotonic() + CLEANING_SECONDS
    for project in list(project_rows.leaving()):
        if time.monotonic() > until:
            break
        with _troubled(count, project=project):
            aliases.drop_all(project)
            projects.finish_deletion(project)
    with _troubled(count):
        count["expired"] = previews.expire()  # last: builds do not wait for it
    return count


@contextmanager
def _troubled(count: dict[str, int], **about: str) -> Iterator[None]:
    """One that is broken must not keep the sweep from the others."""
    try:
        yield
    except Exception:
        count["troubled"] += 1
        logger().exception("sweep", extra=about)


def _look_after(identifier: str) -> int:
    row = rows.get(identifier)
    now = clock.now_ms()
    if row is None or now - int(row.touched_ms) < QUIET_MS:
        return 0
    if row.state in rules.TERMINAL:
        settle(row)
        return 0
    if pointer.gone(row.project):
        create.end(row, "cancelled", create.PROJECT_GONE)
    elif not row.published and steps.overtaken(row):
        create.end(row, "superseded", "A newer push of the branch took its place.")
    unheard = row.state == "building" and order.reap(order.build_id(row.id), now)
    status = services().workflow.status("deploy", create.execution(row))
    if status == "RUNNING" and not unheard:
        return 0
    if row.state in rules.TERMINAL:
        settle(row)
        return 0
    resume(row, f"its execution is {status or 'gone'}")
    return 1


def settle(row: Deployment) -> None:
    """Do what was left to do when a deployment ended, should the one that ended it have died."""
    order.stop(order.build_id(row.id), row.state, dict(row.error or {}))
    if row.state == "ready":
        pointer.arrived(row.project)
        aliases.follow(row)
        previews.settle(row)
    finish.notify(row.id)


def resume(row: Deployment, cause: str) -> None:
    """Start the machine again, under a new name, for a deployment whose execution was lost."""
    run = int(row.run) + 1
    if run > MAX_RUNS:
        finish.fault(row.id, f"the pipeline was lost {run} times; {cause}")
        finish.notify(row.id)
        return
    if rows.advance(row, row.state, run=run, touched_ms=clock.now_ms()):
        create.start(row)


def catch_up(project: str) -> int:
    """Deploy pushes of the built-in remote that were lost on their way here; returns how many."""
    if pointer.gone(project):
        return 0
    known = {h.branch: max(int(h.sequence), int(h.skipped)) for h in rows.heads(project)}
    missed = git.missed(project, known)
    for push in missed:
        create.from_push(push)
    return len(missed)
