"""Projects and deployments that were made before there were lists of them are put on them.

The sweep does it, a while at a time, until all teams were gone through. A second pass, an hour
later, finds what functions of the older make wrote while an installation was brought up to date.
Whatever is listed already stays as it is, so a pass may begin again anywhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from chalicelib.core import clock
from chalicelib.deployments import rows as deployments
from chalicelib.overview import rows
from chalicelib.projects import rows as projects
from chalicelib.projects.rows import Project
from chalicelib.teams.rows import TeamRow, teams_page

PASSES = 2
APART_MS = 3_600_000
SECONDS = 15.0
PAGE = 100

_over: list[bool] = []
"""Holds something once this process has seen that all passes are over."""


def complete(seconds: float = SECONDS) -> int:
    """Go on listing what is not listed; returns how many projects and deployments were."""
    if _over:
        return 0
    row, until, found = rows.lists(), time.monotonic() + seconds, 0
    if int(row.passes) >= PASSES:
        _over.append(True)
        return 0
    if int(row.passes) and clock.now_ms() - int(row.ended_ms) < APART_MS:
        return 0
    for team in _teams(str(row.team or "")):
        for project in _of_team(team.id, str(row.project or "")):
            added, whole = _complete(project, until)
            found += added
            if not whole:
                return found
            rows.reached(row, str(row.team or ""), project.id)
        rows.reached(row, team.slug, "")
    rows.ended(row)
    return found


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
