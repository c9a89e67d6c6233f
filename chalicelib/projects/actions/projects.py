"""What people do with projects."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.core import clock, etag, ids, table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, FieldError, Invalid, not_found
from chalicelib.ports import SiteRoute, services
from chalicelib.projects import rows, rules
from chalicelib.projects.actions import steering, telling
from chalicelib.projects.rows import EnvironmentRow, Project
from chalicelib.teams import actions as teams


def create(
    actor: Actor,
    name: str,
    *,
    team: str | None = None,
    slug: str | None = None,
    framework: str | None = None,
    settings: dict[str, Any] | None = None,
) -> Project:
    """Make a project, claim its slug and give it a git remote.

    Raises Invalid for a slug that breaks the rules, Conflict `slug_taken`, NotFound or Forbidden
    for the team.
    """
    team = teams.require_named(actor, team, "project.create").team
    slug = slug or rules.slug_of(name)
    fault = rules.slug_fault(slug)
    if fault:
        raise Invalid(
            "invalid_slug", fault, hint="Choose another slug.", errors=(FieldError("/slug", fault),)
        )
    project = rows.new(ids.new("prj"), team, slug, name, clock.iso())
    project.framework = framework
    project.settings = settings or {}
    try:
        with table.write() as transaction:
            transaction.save(
                rows.claim(slug, project.id), condition=rows.SlugClaim.pk.does_not_exist()
            )
            transaction.save(project, condition=Project.pk.does_not_exist())
            rows.list_new(transaction, project)
            teams.hold_project(transaction, team, project.id)
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        if rows.id_of_slug(slug) == project.id:  # it was taken, and the answer got lost
            return _equipped(project)
        if rows.id_of_slug(slug) is None:  # then it was the team that went away
            raise not_found("team", team) from None
        raise Conflict(
            "slug_taken",
            f"There is a site called {slug!r} already.",
            hint="Choose another name or pass a slug.",
        ) from None
    return _equipped(project)


def _equipped(project: Project) -> Project:
    services().repositories.create(project.id)
    services().edge.put(_route(project, 0))
    return project


def _route(project: Project, generation: int, gone: bool = False) -> SiteRoute:
    return SiteRoute(project.id, project.team, project.slug, None, generation, gone)


def resolve(reference: str) -> Project:
    """A project by id or slug, whoever asks; raises NotFound. Callers authorise."""
    identifier = _identifier(reference)
    project = rows.get(identifier) if identifier else None
    if project is None or project.deleted_at:
        raise not_found("project", reference)
    return project


def _identifier(reference: str) -> str | None:
    return reference if ids.is_id(reference, "prj") else rows.id_of_slug(reference.lower())


def authorise(actor: Actor, permission: str, _scope: str, path: dict[str, str]) -> Project:
    """The project that a route's path names, when the actor may do `permission` with it."""
    return permitted(actor, path["project"], permission)


def permitted(actor: Actor, reference: str, permission: str) -> Project:
    """A project by id or slug; NotFound for one of another team, exactly as for an absent one.

    Forbidden when it is the actor's own team but not for this actor to do.
    """
    absent = not_found("project", reference)
    identifier = _identifier(reference)
    if identifier is None:
        raise absent
    project, read = rows.get_with(identifier, *teams.likely(actor, identifier))
    if project is None or project.deleted_at:
        raise absent
    project.member = teams.require(
        actor,
        project.team,
        permission,
        absent=absent,
        read=read,
        on=teams.Resource("project", project.id),
    )
    return project


def find(reference: str) -> tuple[str, teams.Resource] | None:
    """A project by id or slug, for policies that name it: its team, and what it is there."""
    identifier = _identifier(reference)
    project = rows.get(identifier) if identifier else None
    if project is None or project.deleted_at:
        return None
    return project.team, teams.Resource("project", project.id)


def page(
    actor: Actor, team: str | None, limit: int, at: dict[str, Any] | None
) -> tuple[list[Project], dict[str, Any] | None]:
    """A page of a team's projects, newest first."""
    team = teams.require_named(actor, team, "project.read").team
    found, following = rows.of_team(team, limit, at)
    found = [p for p in found if not p.deleted_at]
    rows.read_productions(found)
    return found, following


def own_roles(actor: Actor, **at: Any) -> tuple[list[tuple[Project, str]], Any]:
    """One page of the projects in which the caller has a role of their own, and where it ended.

    A key sees only those of its team.
    """
    found = teams.project_roles(actor, **at)
    roles = {row.project: str(row.role) for row in found}
    projects = [p for p in rows.named(list(roles)) if not p.deleted_at]
    return [(p, roles[p.id]) for p in projects], found.last_evaluated_key


def update(project: Project, changes: dict[str, Any], expected_version: int | None) -> Project:
    """Change name, production branch, framework, settings, git or delivery; raises Conflict when
    stale.

    Raises Invalid `invalid_git` for rules that are wrong or lead to an environment that is not
    there, `invalid_delivery_settings` for a delivery that cannot be.
    """
    version = int(project.version)
    if expected_version is not None and expected_version != version:
        raise etag.stale(version)
    named = steering.check_flow(project, changes["git"]) if "git" in changes else ()
    shown = "delivery" in changes
    if shown:
        steering.check_delivery(changes["delivery"])
    updates: list[Action] = (
        telling.marks(project)
        if shown
        else [Project.version.set(version + 1), Project.updated_at.set(clock.iso())]
    )
    updates += [
        getattr(Project, name).remove() if value is None else getattr(Project, name).set(value)
        for name, value in changes.items()
    ]
    try:
        with table.write() as transaction:
            transaction.update(project, actions=updates, condition=Project.version == version)
            if "name" in changes:
                found_by = [rows.named_so(project, changes["name"])]
                transaction.update(rows.site(project.id), actions=found_by)
            for name in named:  # whoever removes one meanwhile wins
                transaction.condition_check(
                    EnvironmentRow,
                    project.pk,
                    rows.environment_key(name),
                    condition=EnvironmentRow.pk.exists(),
                )
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        raise etag.stale(version + 1) from None
    if shown:
        telling.announce(project.id)
    return _reread(project)


def _reread(project: Project) -> Project:
    """The row as it was written; a transaction tells nothing of it."""
    found = rows.get(project.id)
    if found is None:
        raise not_found("project", project.id)
    found.member = project.member
    return found


def adopt_branch(project: Project, branch: str) -> Project:
    """Take the first pushed branch as the production branch, once."""
    if project.production_branch:
        return project
    try:
        project.update(
            actions=[Project.production_branch.set(branch)],
            condition=(Project.production_branch == "") & Project.pk.exists(),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        project.refresh(consistent_read=True)
    return project


def delete(project: Project) -> None:
    """Free the slug, take the site off the air, remove the repository; blobs stay in the store."""
    known = rows.site_of(project.id)
    try:
        with table.write() as transaction:
            transaction.delete(
                rows.claim(project.slug, project.id),
                condition=rows.SlugClaim.project == project.id,
            )
            transaction.update(
                project,
                actions=[
                    Project.deleted_at.set(clock.iso()),
                    Project.gsi2pk.set(rows.LEAVING),
                    Project.gsi2sk.set(project.id),
                ],
                condition=Project.deleted_at.does_not_exist(),
            )
            rows.unlist(transaction, project, known)
            teams.drop_project(transaction, project.team, project.id)
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
    services().bus.put("project.deleted", {"version": 1, "project": project.id})
    if not finish_deletion(project.id):
        raise Conflict("project_busy", "The project was changed meanwhile.", hint="Try again.")


def finish_deletion(project: str) -> bool:
    """Remove what a deleted project leaves behind; False when it was not deleted.

    Until all of it is done the project is on a list that the sweep reads. No move of the pointer
    succeeds after the deletion, so that no route is newer than this farewell.
    """
    found = rows.get(project)
    if found is None or not found.deleted_at:
        return False
    rows.remove_all(project)
    rows.site(project).delete()  # a deployment that was begun at that moment may have written it
    pointer = rows.pointer(project)
    services().edge.put(_route(found, int(pointer.generation) + 1 if pointer else 1, gone=True))
    services().repositories.remove(project)
    teams.clear_project(found.team, project)
    rows.left(found)
    return True
