"""The environments of a project: three that are always there, and those that people make."""

from __future__ import annotations

from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError, UpdateError

from chalicelib.core import clock, table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, FieldError, Invalid, not_found
from chalicelib.projects import rows
from chalicelib.projects.actions import variables
from chalicelib.projects.rows import EnvironmentRow, Project
from chalicelib.projects.rules import environments, flow

_ABOUT = {
    "production": "What visitors get at the site's own address.",
    "preview": "Branches and pull requests, each at an address of its own.",
    "development": "Variables for people's own machines; nothing is deployed here.",
}


@dataclass(frozen=True)
class Environment:
    """An environment; one that is built in was made by nobody."""

    name: str
    description: str
    built_in: bool
    target: str | None
    created_at: str | None = None
    created_by: str | None = None


def _built_in(name: str) -> Environment:
    target = environments.target_of(name) if name in environments.DEPLOYED else None
    return Environment(name, _ABOUT[name], True, target)


def _view(row: EnvironmentRow) -> Environment:
    target = environments.target_of(row.name)
    return Environment(row.name, row.description, False, target, row.created_at, row.created_by)


def list_all(project: Project) -> list[Environment]:
    """Those that are built in, then those that were made, by name."""
    made = [_view(row) for row in rows.environments(project.id)]
    return [*map(_built_in, environments.BUILT_IN), *made]


def get(project: Project, name: str) -> Environment:
    """One environment; raises NotFound."""
    if name in environments.BUILT_IN:
        return _built_in(name)
    row = rows.environment(project.id, name)
    if row is None:
        raise not_found("environment", name)
    return _view(row)


def create(actor: Actor, project: Project, name: str, description: str) -> Environment:
    """Make an environment; raises Invalid `invalid_environment`, Conflict when there is one."""
    fault = environments.name_fault(name)
    if fault:
        raise Invalid(
            "invalid_environment",
            fault,
            hint="Choose another name.",
            errors=(FieldError("/name", fault),),
        )
    if sum(1 for _ in rows.environments(project.id)) >= environments.CUSTOM_MAX:
        raise Conflict(
            "too_many_environments",
            f"A project has at most {environments.CUSTOM_MAX} environments of its own.",
            hint="Remove one that nobody needs.",
        )
    if rows.environment(project.id, name) is None:
        # a namesake that was removed may have left some, should whoever removed it have died
        variables.clear(actor, project, name)
    row = EnvironmentRow(
        pk=rows.key(project.id),
        sk=rows.environment_key(name),
        name=name,
        description=description,
        created_at=clock.iso(),
        created_by=actor.id,
    )
    try:
        with table.write() as transaction:
            transaction.save(row, condition=EnvironmentRow.pk.does_not_exist())
            transaction.condition_check(
                Project, project.pk, "META", condition=Project.deleted_at.does_not_exist()
            )
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        raise Conflict(
            "environment_exists",
            f"There is an environment {name!r} already, or the project is gone.",
            hint="Choose another name.",
        ) from None
    return _view(row)


def describe(project: Project, name: str, description: str) -> Environment:
    """Change what an environment's description says; raises NotFound, Conflict for a built-in."""
    _refuse_built_in(name)
    row = rows.environment(project.id, name)
    if row is None:
        raise not_found("environment", name)
    try:
        row.update(
            actions=[EnvironmentRow.description.set(description)],
            condition=EnvironmentRow.pk.exists(),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        raise not_found("environment", name) from None
    return _view(row)


def remove(actor: Actor, project: Project, name: str) -> None:
    """Remove an environment and its variables.

    Raises NotFound, and Conflict for one that is built in or that a rule about branches or tags
    leads to.
    """
    _refuse_built_in(name)
    row = rows.environment(project.id, name)
    if row is None:
        raise not_found("environment", name)
    if name in flow.named(project.git).custom:
        raise Conflict(
            "environment_in_use",
            f"A rule about branches or tags leads to {name!r}.",
            hint="Change the rules of the project first.",
        )
    try:
        with table.write() as transaction:
            transaction.delete(row, condition=EnvironmentRow.pk.exists())
            # rules that were changed since they were read may lead here
            transaction.condition_check(
                Project, project.pk, "META", condition=Project.version == int(project.version)
            )
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        if rows.environment(project.id, name) is not None:
            raise Conflict(
                "project_busy", "The project was changed meanwhile.", hint="Try again."
            ) from None
    # nothing can be set in it any more
    variables.clear(actor, project, name)


def _refuse_built_in(name: str) -> None:
    if name in environments.BUILT_IN:
        raise Conflict(
            "environment_built_in",
            f"{name!r} is there in every project and cannot be changed.",
            hint="Change one of your own.",
        )
