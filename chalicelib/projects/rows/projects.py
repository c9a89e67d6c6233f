"""Rows of projects, and what is live in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from chalicelib.core import table

if TYPE_CHECKING:
    from chalicelib.teams.actions import Membership


class Project(table.CoreRow):
    """A project. `production_branch` is empty until the first push or a person names it.

    `settings` says how it is built, `git` what a branch, a tag or a pull request leads to,
    `delivery` how a release reaches visitors; while there is a `lock` (who, when, why) nothing but
    a rollback does. `access` says who may see the site and `guard` what it refuses (subject
    `protection`), `guard_fault` why that is not in force; `down` names backends that do not
    answer. Whoever changes what the route says raises `version`, which is the route's revision:
    see `projects/actions/telling.py`.

    `production` and `member` are no attributes of the row: what the pointer names, read along
    with it, and who asked for it, if somebody did.
    """

    production: str | None = None
    member: Membership | None = None

    id = UnicodeAttribute()
    team = UnicodeAttribute()
    slug = UnicodeAttribute()
    name = UnicodeAttribute()
    framework = UnicodeAttribute(null=True)
    production_branch = UnicodeAttribute(default="")
    settings = JSONAttribute(default=dict)
    git = JSONAttribute(default=dict)
    delivery = JSONAttribute(default=dict)
    lock = JSONAttribute(null=True)
    access = JSONAttribute(null=True)
    guard = JSONAttribute(null=True)
    guard_fault = UnicodeAttribute(default="")
    down = JSONAttribute(null=True)
    version = NumberAttribute(default=1)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    deleted_at = UnicodeAttribute(null=True)


class SlugClaim(table.CoreRow):
    """Who holds a slug."""

    project = UnicodeAttribute()


def key(project: str) -> str:
    """Partition of a project."""
    return f"PROJ#{project}"


def new(project: str, team: str, slug: str, name: str, now: str) -> Project:
    """A project row, not yet saved."""
    return Project(
        pk=key(project),
        sk="META",
        gsi1pk=f"TEAM#{team}",
        gsi1sk=key(project),
        id=project,
        team=team,
        slug=slug,
        name=name,
        created_at=now,
        updated_at=now,
    )


def claim(slug: str, project: str) -> SlugClaim:
    """The claim of a slug, not yet saved."""
    return SlugClaim(pk=f"UNIQ#slug#{slug}", sk="META", project=project)


def get(project: str) -> Project | None:
    """A project by id and what its pointer names, in one consistent read."""
    return get_with(project)[0]


def get_with(project: str, *beside: tuple[type[Any], str, str]) -> tuple[Project | None, list[Any]]:
    """A project and other rows (kind, pk, sk), all in one consistent read."""
    pointer_key = (Pointer, key(project), "PTR#production")
    found, pointer, *others = table.find_mixed(
        [(Project, key(project), "META"), pointer_key, *beside]
    )
    if isinstance(found, Project) and isinstance(pointer, Pointer):
        found.production = pointer.deployment
    return (found if isinstance(found, Project) else None), others


def named(projects: list[str]) -> list[Project]:
    """Those of these projects that there are, in one read of at most a hundred."""
    found = table.find_mixed([(Project, key(project), "META") for project in projects])
    return [row for row in found if isinstance(row, Project)]


LEAVING, UNTOLD = "LEAVING", "UNTOLD"
"""Lists (gsi2) of deleted projects that have left something behind, and of those whose change the
edge may not have heard of."""


def leaving() -> Iterator[str]:
    """Ids of deleted projects that have left something behind. A hint: readers read the row."""
    for row in Project.by2.query(LEAVING):
        yield row.id


def left(project: Project) -> None:
    """Nothing is left of a deleted project but its row: take it off the list."""
    if project.gsi2pk is not None:
        project.update(actions=[Project.gsi2pk.remove(), Project.gsi2sk.remove()])


def untold() -> Iterator[str]:
    """Ids of projects whose change the edge may not have heard of. A hint, as `leaving` is."""
    for row in Project.by2.query(UNTOLD):
        yield row.id


def read_productions(projects: list[Project]) -> None:
    """Fill in `production` of a page of projects, in one read."""
    pointers = table.find_mixed([(Pointer, p.pk, "PTR#production") for p in projects])
    for project, pointer in zip(projects, pointers, strict=True):
        project.production = pointer.deployment if isinstance(pointer, Pointer) else None


def id_of_slug(slug: str) -> str | None:
    """Id of the project that holds a slug, read consistently."""
    row = table.find(SlugClaim, f"UNIQ#slug#{slug}")
    return row.project if row else None


def of_team(
    team: str, limit: int, at: dict[str, Any] | None
) -> tuple[list[Project], dict[str, Any] | None]:
    """A page of a team's projects, newest first, and the place to go on from."""
    found = Project.by1.query(
        f"TEAM#{team}",
        Project.gsi1sk.startswith("PROJ#"),
        scan_index_forward=False,
        limit=limit,
        last_evaluated_key=at,
    )
    return list(found), found.last_evaluated_key


class Pointer(table.CoreRow):
    """Which deployment is production; every move has a generation.

    `sequence` is that of the deployment's push: a push never moves the pointer to an older one.
    While a rollout runs `canary` is the deployment that `weight` of 10,000 visitors see, and those
    whom `match` names; `past` is `[[deployment, ms when it was replaced], ...]`, the last one
    first; `looks` what about a request the rules of production and canary look at.
    `last_rollout` is the newest that ever showed anything: ids sort by time, and one that is over
    shows nothing again. `canary_sequence` is that of the canary's push. `chosen_at` is when a
    person last promoted or rolled back.
    """

    project = UnicodeAttribute()
    deployment = UnicodeAttribute()
    sequence = NumberAttribute()
    generation = NumberAttribute()
    pinned = BooleanAttribute(default=False)
    moved_at = UnicodeAttribute()
    moved_by = UnicodeAttribute()
    reason = UnicodeAttribute(default="")
    canary = UnicodeAttribute(null=True)
    weight = NumberAttribute(default=0)
    match = JSONAttribute(null=True)
    canary_sequence = NumberAttribute(null=True)
    rollout = UnicodeAttribute(null=True)
    last_rollout = UnicodeAttribute(default="")
    chosen_at = UnicodeAttribute(default="")
    past = JSONAttribute(default=list)
    looks = JSONAttribute(default=list)


def pointer(project: str) -> Pointer | None:
    """The production pointer, read consistently."""
    return table.find(Pointer, key(project), "PTR#production")


def production_of(project: str) -> str | None:
    """Id of the deployment that is live, or None."""
    found = pointer(project)
    return found.deployment if found else None
