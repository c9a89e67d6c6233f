"""What was made before there were lists of projects and deployments is put on them, and people and
teams that were made before the census are counted.

The sweep does it, a while at a time, until all teams were gone through. A second pass, an hour
later, finds what functions of the older make wrote while an installation was brought up to date.
Whatever is listed already stays as it is, so a pass may begin again anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from chalicelib.core import clock
from chalicelib.core.table import CoreRow
from chalicelib.deployments import rows as deployments
from chalicelib.identity.rows import count_user, users_page
from chalicelib.overview import rows
from chalicelib.overview.rows import ListsRow
from chalicelib.projects import rows as projects
from chalicelib.projects.rows import Project
from chalicelib.teams.rows import TeamRow, count_team, teams_page

R = TypeVar("R", bound=CoreRow)
Work = Callable[[ListsRow, float], tuple[int, bool]]
"""Goes on from where a row says until a moment; how much it did, and whether that was all."""

PASSES = 2
APART_MS = 3_600_000
SECONDS = 15.0
PAGE = 100

_over: list[bool] = []
"""Holds something once this process has seen that all passes are over."""


def complete(seconds: float = SECONDS) -> int:
    """Go on with what is not listed or counted; returns how many were."""
    if _over:
        return 0
    until = time.monotonic() + seconds
    works: list[tuple[ListsRow, Work]] = [
        (rows.lists(), _list_projects),
        (rows.counts("teams"), partial(_count, teams_page, count_team)),
        (rows.counts("users"), partial(_count, users_page, count_user)),
    ]
    if all(int(row.passes) >= PASSES for row, _ in works):
        _over.append(True)
        return 0
    return sum(_go_on(row, work, until) for row, work in works)


def _go_on(row: ListsRow, work: Work, until: float) -> int:
    passes = int(row.passes)
    if passes >= PASSES or (passes and clock.now_ms() - int(row.ended_ms) < APART_MS):
        return 0
    found, whole = work(row, until)
    if whole:
        rows.ended(row)
    return found


def _count(
    page: Callable[..., list[R]], count: Callable[[R], bool], row: ListsRow, until: float
) -> tuple[int, bool]:
    """Count what is not counted; how many were not, and whether time was enough."""
    found = 0
    while batch := page(limit=PAGE, after=str(row.team or "")):
        found += sum(map(count, batch))
        rows.reached(row, str(batch[-1].gsi2sk), "")
        if time.monotonic() > until:
            return found, False
    return found, True


def _list_projects(row: ListsRow, until: float) -> tuple[int, bool]:
    """List what is not listed; how many were not, and whether time was enough."""
    found = 0
    for team in _teams(str(row.team or "")):
        for project in _of_team(team.id, str(row.project or "")):
            added, whole = _complete(project, until)
            found += added
            if not whole:
                return found, False
            rows.reached(row, str(row.team or ""), project.id)
        rows.reached(row, team.slug, "")
    return found, True


def _teams(after: str) -> Iterator[TeamRow]:
    """Every team by slug, from behind the one that was done last."""
    while True:
        batch = teams_page(limit=PAGE, after=after)
        yield from batch
        if len(batch) < PAGE:
            return
        after = str(batch[-1].gsi2sk)


def _of_team(team: str, after: str) -> Iterator[Project]:
    """A team's projects, newest first, so that what comes after one has a smaller id."""
    at = None
    while True:
        found, at = projects.of_team(team, PAGE, at)
        yield from (one for one in found if not one.deleted_at and (not after or one.id < after))
        if at is None:
            return


def _complete(project: Project, until: float) -> tuple[int, bool]:
    """List a project and its deployments; how many were not, and whether time was enough."""
    projects.read_productions([project])
    at, added, latest = None, 0, None
    while True:
        if time.monotonic() > until:
            return added, False
        found, at = deployments.page(project.id, PAGE, at, None, None)
        latest = latest or next(iter(found), None)
        added += sum(map(deployments.complete, deployments.unlisted(found)))
        if at is None:
            newest = latest.created_at if latest is not None else project.created_at
            added += projects.complete(project, latest.id if latest is not None else None, newest)
            return added, True
