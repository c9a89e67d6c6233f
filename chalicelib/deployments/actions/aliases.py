"""Aliases move to what became ready, and go with what was removed.

As with production's pointer the row is the truth, the newest push wins, and the edge is told of
what the row says.
"""

from __future__ import annotations

from typing import Any

from chalicelib.core.config import settings
from chalicelib.deployments import rows
from chalicelib.deployments.actions import sites
from chalicelib.deployments.rows import Alias, Deployment
from chalicelib.deployments.rules import names
from chalicelib.deployments.rules.names import Subject
from chalicelib.ports import SiteRoute, services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Project


def follow(row: Deployment) -> None:
    """Move every alias of a deployment's subjects to it, unless a newer one has them.

    The deployment knows its aliases before they point at it, so that they are found again when it
    is removed. Repeating it is harmless.
    """
    made = frozenset(one.name for one in project_rows.environments(row.project))
    for subject in _subjects(row):
        name = names.spell(subject, row.slug, made)
        if not _take(row, name, subject) and not subject.takes:
            _take(row, names.spell_apart(subject, row.slug), subject)


def _subjects(row: Deployment) -> list[Subject]:
    return names.subjects(
        environment=row.environment or row.target,
        branch=row.branch,
        pulls=[int(number) for number in row.pulls or ()],
        follows_branch=row.source == "git" and row.trigger != "pull_request",
    )


def _take(row: Deployment, name: str, subject: Subject) -> bool:
    """False when the name is another subject's."""
    known = rows.alias(row.project, name)
    taken = known is not None and known.of != str(subject) and known.deployment is not None
    if taken and not subject.takes:
        return False
    rows.note(row, "aliases", name)
    moved = rows.take_alias(row, name, str(subject), takes=subject.takes)
    found = moved or rows.alias(row.project, name)
    if found is not None and found.deployment == row.id:
        _tell(row, found)
    return found is not None and found.of == str(subject)


def drop(row: Deployment) -> None:
    """Take every alias off a deployment that is being removed; the edge answers no more there."""
    for name in row.aliases or ():
        dropped = rows.drop_alias(row.project, name, row.id)
        found = dropped or rows.alias(row.project, name)
        if found is not None and found.deployment is None:
            _tell(row, found)


def drop_all(project: str) -> None:
    """Take every alias of a deleted project off the air; nothing is left of them here either."""
    found = project_rows.get(project)
    if found is None or not found.deleted_at:
        return
    for alias in rows.aliases(project):
        _put(found, alias, generation=int(alias.generation) + 1)
        alias.delete()


def needed(row: Deployment) -> bool:
    """Whether an environment that somebody made shows this deployment now."""
    for name in row.aliases or ():
        found = rows.alias(row.project, name)
        if found is not None and found.deployment == row.id and found.of.startswith("environment:"):
            return True
    return False


def url(row: Deployment) -> str | None:
    """The address that followed this deployment when it became ready; None without one."""
    if not row.aliases or row.removed_at:
        return None
    return settings().site_url(f"{row.aliases[0]}--{row.slug}")


def view(project: Project) -> list[dict[str, Any]]:
    """The aliases that point at something, by name."""
    return [
        {
            "alias": alias.alias,
            "kind": alias.of.partition(":")[0],
            "of": alias.of.partition(":")[2],
            "url": settings().site_url(f"{alias.alias}--{project.slug}"),
            "deployment": alias.deployment,
            "moved_at": alias.moved_at,
        }
        for alias in rows.aliases(project.id)
        if alias.deployment is not None
    ]


def tell_all(project: str) -> None:
    """Publish the routes of all aliases of a project as the table has them."""
    found = project_rows.get(project)
    if found is None or found.deleted_at:
        return
    for alias in rows.aliases(project):
        if alias.deployment is not None:
            _put(found, alias, int(alias.generation), alias.deployment)


def _tell(row: Deployment, alias: Alias) -> None:
    found = project_rows.get(row.project)
    if found is not None and not found.deleted_at:  # else whoever deletes it says so
        _put(found, alias, int(alias.generation), alias.deployment)


def _put(project: Project, alias: Alias, generation: int, deployment: str | None = None) -> None:
    services().edge.put(
        SiteRoute(
            site=project.id,
            team=project.team,
            slug=f"{alias.alias}--{project.slug}",
            production=deployment,
            generation=generation,
            gone=deployment is None,
            looks=sites.looks_of((deployment,)),
            **sites.said(project),
        )
    )
