"""Variables together: importing a file, what a build finds, what was done to one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from chalicelib.core import paging
from chalicelib.core.http import Call, Input, Output, secret_field
from chalicelib.core.paging import Page, PageQuery
from chalicelib.projects.actions import effective as actions
from chalicelib.projects.actions import imports, variables
from chalicelib.projects.actions.imports import Options
from chalicelib.projects.actions.sealing import Scope
from chalicelib.projects.routes.blueprint import routes
from chalicelib.projects.routes.variables import Branch, EnvironmentName, Moment
from chalicelib.projects.rows import VariableLog


class EnvFile(Input):
    """A `.env` file to import."""

    text: str = secret_field(max_length=100_000)
    environment: EnvironmentName = "all"
    branch: Branch | None = None
    secret: bool = True
    when: Moment = "both"
    overwrite: bool = Field(False, description="replace what is there and differs")
    dry_run: bool = Field(False, description="only say what would become of each line")


class LineView(Output):
    """What became of a line of the file."""

    line: int
    name: str
    verdict: Literal["created", "updated", "unchanged", "kept", "rejected"]
    code: str | None
    detail: str | None


class ImportView(Output):
    """What became of the file; `applied` is false for a rehearsal."""

    applied: bool
    lines: list[LineView]


class EffectiveQuery(Input):
    """Of which build, or of which running site."""

    environment: EnvironmentName = "production"
    branch: Branch | None = None
    when: Literal["build", "run"] = "build"


class LayerView(Output):
    """A value that does not count, because another one stands before it."""

    source: str
    environment: str
    branch: str | None
    version: int


class EffectiveView(Output):
    """A variable as a build finds it; `hidden` says why there is no value."""

    name: str
    value: str | None
    hidden: Literal["secret", "deployment", "permission"] | None
    source: Literal["system", "all", "environment", "branch"]
    environment: str | None
    branch: str | None
    when: Moment
    secret: bool
    version: int | None
    overrides: list[LayerView]


class EffectiveList(Output):
    """Every variable of a build, those of the platform first."""

    environment: str
    branch: str | None
    when: str
    items: list[EffectiveView]


class ChangeView(Output):
    """One change of a variable; values are not kept."""

    at: str
    by: str
    how: str
    what: Literal["created", "updated", "removed"]
    changed: list[str]
    environment: str
    branch: str | None
    when: str
    secret: bool
    version: int


@routes.post(
    "/projects/{project}/env/import",
    permission="env.write",
    scope="project",
    body=EnvFile,
    answer=ImportView,
    step_up=True,
    problems=(409,),
)
def import_variables(call: Call) -> ImportView:
    """Set the variables of a `.env` file, all of them or none."""
    body: EnvFile = call.body
    call.scope.member.in_environment(body.environment)
    options = Options(
        Scope(body.environment, body.branch or ""),
        body.secret,
        body.when,
        body.overwrite,
        body.dry_run,
    )
    done = imports.import_file(call.actor, call.scope, body.text, options)
    if not done.applied:
        call.trail.drop()
    call.trail.after["names"] = [
        line.name for line in done.lines if line.verdict in {"created", "updated"}
    ]
    return ImportView(
        applied=done.applied,
        lines=[
            LineView(
                line=line.line,
                name=line.name,
                verdict=line.verdict,
                code=line.code or None,
                detail=line.detail or None,
            )
            for line in done.lines
        ],
    )


@routes.get(
    "/projects/{project}/env/effective",
    permission="env.read",
    scope="project",
    query=EffectiveQuery,
    answer=EffectiveList,
)
def effective_variables(call: Call) -> EffectiveList:
    """What a build would find, and where each value comes from."""
    query: EffectiveQuery = call.query
    member = call.scope.member
    member.in_environment(query.environment)
    scope = Scope(query.environment, query.branch or "")
    found = actions.effective(call.scope, scope, query.when, reads_all=member.allows("all"))
    return EffectiveList(
        environment=query.environment,
        branch=query.branch,
        when=query.when,
        items=[
            EffectiveView.model_validate(
                vars(one) | {"overrides": [vars(layer) for layer in one.overrides]}
            )
            for one in found
        ],
    )


@routes.get(
    "/projects/{project}/env/{name}/history",
    permission="env.read",
    scope="project",
    query=PageQuery,
    answer=Page[ChangeView],
)
def variable_history(call: Call) -> Page[ChangeView]:
    """What was done to a variable, newest first, in the environments the caller may read."""
    name = call.path["name"]
    member = call.scope.member
    found = variables.history(
        call.scope, name, limit=call.query.limit, last_evaluated_key=paging.position(call)
    )
    items = [
        _change(entry, change)
        for entry in found
        for change in variables.changes_of(entry, name)
        if member.allows(change["environment"])
    ]
    return Page[ChangeView](items=items, next=paging.cursor(call, found.last_evaluated_key))


def _change(entry: VariableLog, change: dict[str, object]) -> ChangeView:
    fields = {name: value for name, value in change.items() if name != "name"}
    return ChangeView.model_validate(fields | {"at": entry.at, "by": entry.by, "how": entry.how})
