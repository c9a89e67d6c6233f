"""Variables of a project."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core.http import Call, Empty, Input, Output, secret_field
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish
from chalicelib.projects.routes.blueprint import routes

EnvironmentName = Annotated[str, Field(min_length=1, max_length=20)]
Branch = Annotated[str, Field(min_length=1, max_length=250)]
Moment = Literal["build", "run", "both"]


class ScopeQuery(Input):
    """Which variables: those of an environment, and perhaps of one of its branches."""

    environment: EnvironmentName | None = None
    branch: Branch | None = None


class NewVariable(Input):
    """A variable's value."""

    value: str = secret_field(max_length=40_000)
    environment: EnvironmentName = "all"
    branch: Branch | None = None
    secret: bool = True
    when: Moment = "both"


class VariableView(Output):
    """A variable; a secret's value is never shown."""

    name: str
    environment: str
    branch: str | None
    when: Moment
    secret: bool
    value: str | None
    version: int
    updated_at: str
    updated_by: str


class VariableList(Output):
    """All variables asked for."""

    items: list[VariableView]
    next: str | None = None


def view(found: variables.VariableView) -> VariableView:
    """What the API says of a variable."""
    content: dict[str, Any] = vars(found)
    return VariableView(**content)


@routes.get(
    "/projects/{project}/env",
    permission="env.read",
    scope="project",
    query=ScopeQuery,
    answer=VariableList,
)
def list_variables(call: Call) -> VariableList:
    """The project's variables; secrets without their values."""
    query: ScopeQuery = call.query
    call.scope.member.in_environment(query.environment or "all")
    found = variables.list_variables(call.scope, query.environment)
    wanted = [v for v in found if query.branch in {None, v.branch}]
    return VariableList(items=[view(v) for v in wanted])


@routes.put(
    "/projects/{project}/env/{name}",
    permission="env.write",
    scope="project",
    body=NewVariable,
    answer=VariableView,
    step_up=True,
    problems=(409,),
)
def put_variable(call: Call) -> VariableView:
    """Set a variable; builds that start later see it."""
    body: NewVariable = call.body
    call.scope.member.in_environment(body.environment)
    found = variables.put_variable(
        call.actor,
        call.scope,
        Scope(body.environment, body.branch or ""),
        Wish(call.path["name"], body.value, body.secret, body.when),
    )
    return view(found)


@routes.delete(
    "/projects/{project}/env/{name}",
    permission="env.write",
    scope="project",
    query=ScopeQuery,
    answer=Empty,
    status=204,
    step_up=True,
    problems=(409,),
)
def remove_variable(call: Call) -> None:
    """Remove a variable."""
    query: ScopeQuery = call.query
    scope = Scope(query.environment or "all", query.branch or "")
    call.scope.member.in_environment(scope.environment)
    variables.remove_variable(call.actor, call.scope, call.path["name"], scope)
