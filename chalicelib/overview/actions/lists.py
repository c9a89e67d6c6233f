"""Lists over all projects of a team. A page costs the same reads, however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chalicelib.core import table
from chalicelib.deployments import rows as deployments
from chalicelib.deployments.rows import Deployment
from chalicelib.overview.actions.seen import Sight
from chalicelib.projects import rows as projects
from chalicelib.projects.rows import Pointer, Project
from chalicelib.teams.actions import Membership

READ = "deployment.read"
BATCH = 100
TRIES = 5
"""So many times a page is filled up when what it found is to be left out."""

Place = dict[str, Any] | None


@dataclass(frozen=True)
class Site:
    """A project with what it shows: the rows as they were read, in one batch each."""

    project: Project
    pointer: Pointer | None
    production: Deployment | None
    latest: Deployment | None


def sites(by: Membership, query: str, limit: int, at: Place) -> tuple[list[Site], Place]:
    """A team's projects, newest activity first, and the place to go on from.

    Those that a policy keeps from the caller are left out, and so is what they may not see of one.
    """
    sight = Sight(by)
    found: list[Site] = []
    for _ in range(TRIES):
        listed, at = projects.sites_page(by.team, query, limit - len(found), at)
        found += _sites(sight, [(row.project, row.latest) for row in listed])
        if at is None or len(found) >= limit:
            break
    return found, at


def _sites(sight: Sight, listed: list[tuple[str, str | None]]) -> list[Site]:
    keys: list[tuple[type[table.CoreRow], str, str]] = []
    for project, _ in listed:
        pk = projects.key(project)
        keys += [(Project, pk, "META"), (Pointer, pk, "PTR#production")]
    read = _read(keys)
    rows = [
        (project, pointer if isinstance(pointer, Pointer) else None, latest)
        for project, pointer, (_, latest) in zip(read[::2], read[1::2], listed, strict=True)
        if isinstance(project, Project) and not project.deleted_at
    ]
    rows = [row for row in rows if sight.sees("project.read", row[0].id)]
    named = {pointer.deployment for _, pointer, _ in rows if pointer}
    known = _deployments(named | {latest for *_, latest in rows if latest})

    def seen(identifier: str | None) -> Deployment | None:
        row = known.get(identifier or "")
        return row if row is not None and _sees(sight, row) else None

    return [
        Site(project, pointer, seen(pointer.deployment if pointer else None), seen(latest))
        for project, pointer, latest in rows
    ]


def team_deployments(
    by: Membership, limit: int, at: Place
) -> tuple[list[tuple[Deployment, str | None]], Place]:
    """A team's deployments, newest first, each with what is live in its project."""
    sight = Sight(by)
    found: list[tuple[Deployment, str | None]] = []
    for _ in range(TRIES):
        listed, at = deployments.team_page(by.team, limit - len(found), at)
        known = _deployments(listed)
        rows = [known[one] for one in listed if one in known and _sees(sight, known[one])]
        live = _living({row.project for row in rows})
        found += [(row, live[row.project]) for row in rows if row.project in live]
        if at is None or len(found) >= limit:
            break
    return found, at


def _sees(sight: Sight, row: Deployment) -> bool:
    return sight.sees(READ, row.project, row.environment or row.target)


def _living(wanted: set[str]) -> dict[str, str | None]:
    """What is live in projects; those that were deleted are not among them."""
    keys: list[tuple[type[table.CoreRow], str, str]] = []
    for project in sorted(wanted):
        pk = projects.key(project)
        keys += [(Project, pk, "META"), (Pointer, pk, "PTR#production")]
    read = _read(keys)
    return {
        project.id: pointer.deployment if isinstance(pointer, Pointer) else None
        for project, pointer in zip(read[::2], read[1::2], strict=True)
        if isinstance(project, Project) and not project.deleted_at
    }


def _deployments(wanted: Iterable[str]) -> dict[str, Deployment]:
    read = _read([(Deployment, deployments.key(one), "META") for one in sorted({*wanted})])
    return {row.id: row for row in read if isinstance(row, Deployment)}


def _read(keys: list[tuple[type[table.CoreRow], str, str]]) -> list[table.CoreRow | None]:
    found: list[table.CoreRow | None] = []
    for first in range(0, len(keys), BATCH):
        found += table.find_mixed(keys[first : first + BATCH])
    return found
