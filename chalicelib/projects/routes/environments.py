"""Environments of a project."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.core.http import Call, Empty, Input, Output
from chalicelib.projects.actions import environments as actions
from chalicelib.projects.routes.blueprint import routes
from chalicelib.projects.rules.environments import DESCRIPTION_MAX

Description = Annotated[str, Field(max_length=DESCRIPTION_MAX)]


class NewEnvironment(Input):
    """An environment to make."""

    name: Annotated[str, Field(max_length=40)]
    description: Description = ""


class EnvironmentChanges(Input):
    """What may change."""

    description: Description


class EnvironmentView(Output):
    """An environment; `target` says whether its deployments can be production, or are previews."""

    name: str
    description: str
    built_in: bool
    target: Literal["production", "preview"] | None
    created_at: str | None
    created_by: str | None


class EnvironmentList(Output):
    """All environments of a project."""

    items: list[EnvironmentView]
    next: str | None = None


def _view(found: actions.Environment) -> EnvironmentView:
    return EnvironmentView.model_validate(vars(found))


@routes.get(
    "/projects/{project}/environments",
    permission="project.read",
    scope="project",
    answer=EnvironmentList,
)
def list_environments(call: Call) -> EnvironmentList:
    """The environments, built in and made."""
    return EnvironmentList(items=[_view(one) for one in actions.list_all(call.scope)])


@routes.post(
    "/projects/{project}/environments",
    permission="environment.manage",
    scope="project",
    body=NewEnvironment,
    answer=EnvironmentView,
    status=201,
    problems=(409,),
)
def create_environment(call: Call) -> EnvironmentView:
    """Make an environment."""
    body: NewEnvironment = call.body
    call.trail.of, call.trail.resource = call.scope.id, body.name
    return _view(actions.create(call.actor, call.scope, body.name, body.description))


@routes.get(
    "/projects/{project}/environments/{environment}",
    permission="project.read",
    scope="project",
    answer=EnvironmentView,
)
def get_environment(call: Call) -> EnvironmentView:
    """One environment."""
    return _view(actions.get(call.scope, call.path["environment"]))


@routes.patch(
    "/projects/{project}/environments/{environment}",
    permission="environment.manage",
    scope="project",
    body=EnvironmentChanges,
    answer=EnvironmentView,
    problems=(409,),
)
def update_environment(call: Call) -> EnvironmentView:
    """Change the description of an environment."""
    return _view(actions.describe(call.scope, call.path["environment"], call.body.description))


@routes.delete(
    "/projects/{project}/environments/{environment}",
    permission="environment.manage",
    scope="project",
    answer=Empty,
    status=204,
    step_up=True,
    problems=(409,),
)
def delete_environment(call: Call) -> None:
    """Remove an environment and its variables; its deployments stay."""
    actions.remove(call.actor, call.scope, call.path["environment"])
