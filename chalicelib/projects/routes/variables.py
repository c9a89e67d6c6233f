"""Variables of a project."""

from __future__ import annotations

from typing import Literal

from chalicelib.core.http import Call, Empty, Input, Output, secret_field
from chalicelib.projects import actions
from chalicelib.projects.routes.blueprint import routes


class EnvironmentQuery(Input):
    """Which environment."""

    environment: Literal["all", "production", "preview", "development"] | None = None


class NewVariable(Input):
    """A variable's value."""

    value: str = secret_field(max_length=40_000)
    environment: Literal["all", "production", "preview", "development"] = "all"
    secret: bool = True


class VariableView(Output):
    """A variable; a secret's value is never shown."""

    name: str
    environment: str
    secret: bool
    value: str | None
    version: int
    updated_at: str


class VariableList(Output):
    """All variables asked for."""

    items: list[VariableView]
    next: str | None = None


@routes.get(
    "/projects/{project}/env",
    permission="env.read",
    scope="project",
    query=EnvironmentQuery,
    answer=VariableList,
)
def list_variables(call: Call) -> VariableList:
    """The project's variables; secrets without their values."""
    call.scope.member.in_environment(call.query.environment or "all")
    found = actions.list_variables(call.scope, call.query.environment)
    return VariableList(items=[VariableView(**vars(v)) for v in found])


@routes.put(
    "/projects/{project}/env/{name}",
    permission="env.write",
    scope="project",
    body=NewVariable,
    answer=VariableView,
    step_up=True,
)
def put_variable(call: Call) -> VariableView:
    """Set a variable; builds that start later see it."""
    body: NewVariable = call.body
    call.scope.member.in_environment(body.environment)
    found = actions.put_variable(
        call.actor,
        call.scope,
        call.path["name"],
        body.value,
        environment=body.environment,
        secret=body.secret,
    )
    return VariableView(**vars(found))


@routes.delete(
    "/projects/{project}/env/{name}",
    permission="env.write",
    scope="project",
    query=EnvironmentQuery,
    answer=Empty,
    status=204,
    step_up=True,
)
def remove_variable(call: Call) -> None:
    """Remove a variable."""
    environment = call.query.environment or "all"
    call.scope.member.in_environment(environment)
    actions.remove_variable(call.scope, call.path["name"], environment)
