"""Making good what webhooks did not tell: hosts are asked where their branches are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from chalicelib.core import clock
from chalicelib.core.errors import NotFound, Problem
from chalicelib.core.observe import logger, printable
from chalicelib.git.actions import links, opening
from chalicelib.git.actions.events import publish
from chalicelib.git.providers import Refused
from chalicelib.git.rows import links as rows
from chalicelib.git.rows.links import LinkRow
from chalicelib.git.rules import Push, branch_fault
from chalicelib.git.rules.polling import due, moved
from chalicelib.projects import actions as projects
from chalicelib.projects.rows import Project

Known = Callable[[str], Mapping[str, str]]
"""From a project to the commits that its branches were last deployed at."""

SECONDS = 90
AT_ONCE = 8


def poll(known: Known, seconds: float = SECONDS) -> dict[str, int]:
    """Look at every connected repository that is due, the longest unseen first.

    Publishes `git.push` for what moved; consumers know a head that they have already. What one run
    cannot do in its time is first in the next. Returns how many were asked, moved and troubled.
    """
    until, now = time.monotonic() + seconds, clock.now_ms()
    waiting = []
    for project in rows.everywhere():
        row = rows.of(project)
        if row is None or row.state == "waiting":
            continue
        if due(now, int(row.polled_ms), int(row.delivered_ms)):
            waiting.append(row)
    waiting.sort(key=lambda row: int(row.polled_ms))

    def visit(row: LinkRow) -> tuple[int, int, int]:
        if time.monotonic() > until:
            return 0, 0, 0
        try:
            return 1, _look(row, known), 0
        except Exception:  # one that is broken must not keep the poller from the others
            logger().exception("poll", extra={"project": row.project})
            return 1, 0, 1

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(visit, waiting))
    asked, pushed, troubled = (
        (sum(column) for column in zip(*found, strict=True))
        if found
        else (
            0,
            0,
            0,
        )
    )
    return {"asked": asked, "pushed": pushed, "troubled": troubled}


def _look(row: LinkRow, known: Known) -> int:
    try:
        project = projects.resolve(row.project)
    except NotFound:
        links.sever(row)
        return 0
    sequence = time.time_ns()  # before the host is asked: what it says is at least as new
    try:
        heads = opening.provider_of(row).heads(opening.link_of(row))
    except (Refused, Problem) as refused:
        fault = printable(f"{refused.code}: {refused}")[:500]
        rows.change(row, state="broken", fault=fault, polled_ms=clock.now_ms())
        return 0
    except OSError as error:
        logger().info("poll", extra={"project": row.project, "error": type(error).__name__})
        rows.change(row, polled_ms=clock.now_ms())
        return 0
    heads = {b: c for b, c in heads.items() if not branch_fault(b)}
    pushes = _moved(project, row, heads, known)
    for branch, commit in pushes.items():
        publish(Push(project.id, branch, commit, sequence, "git", provider=row.provider))
    # only now: whoever dies before publishes again, and the consumer knows that head
    rows.change(row, state="ok", fault="", seen=links.short(heads), polled_ms=clock.now_ms())
    return len(pushes)


def _moved(
    project: Project, row: LinkRow, heads: Mapping[str, str], known: Known
) -> dict[str, str]:
    """What to deploy; of a repository that was never looked at, its production branch alone."""
    watched = dict(sorted(heads.items())[: links.KNOWN_BRANCHES])
    production = project.production_branch or row.branch
    if production in heads:
        watched[production] = heads[production]
    if not int(row.polled_ms):
        watched = {production: heads[production]} if production in heads else {}
    return moved(watched, row.seen, known(project.id)) if watched else {}
