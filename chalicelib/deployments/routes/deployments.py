"""Routes of deployments and the production pointer."""

from __future__ import annotations

from chalicelib.artifacts import actions as artifacts
from chalicelib.builds.actions import loglines
from chalicelib.core import paging
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.core.http import Call
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import create, pointer, show
from chalicelib.deployments.routes.blueprint import routes
from chalicelib.deployments.routes.shapes import (
    DeploymentView,
    FileView,
    Line,
    ListQuery,
    LogQuery,
    LogView,
    NewDeployment,
    PointerView,
    PromoteInput,
    RollbackInput,
)
from chalicelib.deployments.rows import Deployment
from chalicelib.projects import rows as project_rows


def view(row: Deployment) -> DeploymentView:
    """What the API says of a deployment."""
    live_id = project_rows.production_of(row.project)
    return DeploymentView.model_validate(show.view(row, live_id))


@routes.post(
    "/projects/{project}/deployments",
    permission="deployment.create",
    scope="project",
    body=NewDeployment,
    answer=DeploymentView,
    status=201,
    problems=(409,),
    limit="expensive",
)
def deploy(call: Call) -> DeploymentView:
    """Deploy an upload, or a branch or commit of the built-in git remote."""
    body: NewDeployment = call.body
    environment = _environment(call)
    production = environment == "production"
    call.scope.member.in_environment(environment)
    if body.upload:
        origin = {
            "branch": body.branch or "",
            "commit": body.commit or "",
            "message": body.message,
        }
        row = create.from_upload(
            call.actor, call.scope, body.upload, production, origin, environment
        )
    else:
        row = create.from_reference(
            call.actor, call.scope, _reference(body), production, environment
        )
    return view(row)


def _environment(call: Call) -> str:
    """Where to: what is asked for, else production for its branch and preview for all others."""
    body: NewDeployment = call.body
    if body.environment is None:
        own = not body.upload and call.scope.production_branch == _reference(body)
        production = own if body.production is None else body.production
        return "production" if production else "preview"
    if body.production is not None and body.production != (body.environment == "production"):
        raise Invalid(
            "environment_contradicts",
            "`environment` and `production` say different things.",
            hint="Leave `production` out.",
        )
    return create.environment_named(call.scope, body.environment)


def _reference(body: NewDeployment) -> str:
    return body.commit or body.branch or ""


@routes.get(
    "/projects/{project}/deployments",
    permission="deployment.read",
    scope="project",
    query=ListQuery,
    answer=paging.Page[DeploymentView],
)
def list_deployments(call: Call) -> paging.Page[DeploymentView]:
    """A project's deployments, newest first; without those that a policy keeps from the caller."""
    query: ListQuery = call.query
    position = paging.position(call)
    found, following = rows.page(
        call.scope.id,
        query.limit,
        position,
        query.branch,
        query.state,
        query.environment,
        query.created_by,
    )
    names = {row.environment or row.target for row in found}
    seen = {name: call.scope.member.allows(name) for name in names}
    live_id = project_rows.production_of(call.scope.id)
    return paging.Page[DeploymentView](
        items=[
            DeploymentView.model_validate(show.view(row, live_id))
            for row in found
            if seen[row.environment or row.target]
        ],
        next=paging.cursor(call, following),
    )


@routes.get(
    "/deployments/{deployment}",
    permission="deployment.read",
    scope="deployment",
    answer=DeploymentView,
)
def get(call: Call) -> DeploymentView:
    """One deployment."""
    return view(call.scope)


@routes.post(
    "/deployments/{deployment}/cancel",
    permission="deployment.cancel",
    scope="deployment",
    answer=DeploymentView,
    problems=(409,),
)
def cancel(call: Call) -> DeploymentView:
    """Cancel a deployment on its way."""
    return view(create.cancel(call.scope, call.actor))


@routes.get(
    "/deployments/{deployment}/logs",
    permission="deployment.read",
    scope="deployment",
    query=LogQuery,
    answer=LogView,
)
def logs(call: Call) -> LogView:
    """Log lines from a number on."""
    query: LogQuery = call.query
    row: Deployment = call.scope
    lines = loglines.after(row.id, query.after, query.limit)
    return LogView(
        lines=[Line.model_validate(line) for line in lines],
        next=int(lines[-1]["n"]) if lines else query.after,
        done=row.state in rules.TERMINAL and len(lines) < query.limit,
    )


@routes.get(
    "/deployments/{deployment}/files",
    permission="deployment.read",
    scope="deployment",
    query=paging.PageQuery,
    answer=paging.Page[FileView],
    problems=(409,),
)
def files(call: Call) -> paging.Page[FileView]:
    """The files of a published deployment, by path."""
    if call.scope.removed_at:
        raise Conflict(
            "deployment_removed",
            f"{call.scope.id} was a preview and was removed at {call.scope.removed_at}.",
            hint="Deploy its commit again.",
        )
    position = (paging.position(call) or {}).get("path", "")
    found = [f for f in artifacts.listing(call.scope.id) if f[0] > position]
    page = found[: call.query.limit]
    following = {"path": page[-1][0]} if len(found) > len(page) else None
    return paging.Page[FileView](
        items=[FileView(path=p, sha256=h, size=s) for p, h, s in page],
        next=paging.cursor(call, following),
    )


@routes.post(
    "/projects/{project}/promote",
    permission="deployment.promote",
    scope="project",
    body=PromoteInput,
    answer=PointerView,
    problems=(409,),
)
def promote(call: Call) -> PointerView:
    """Make a ready deployment live; whoever may not in its own environment may not from there."""
    call.scope.member.in_environment("production")
    _out_of(call, call.body.deployment)
    left = pointer.promote(call.actor, call.scope, call.body.deployment, call.body.reason)
    return PointerView.model_validate(pointer.view(call.scope, left))


@routes.post(
    "/projects/{project}/rollback",
    permission="deployment.promote",
    scope="project",
    body=RollbackInput,
    answer=PointerView,
    problems=(409,),
)
def rollback(call: Call) -> PointerView:
    """Go back, and stay there until someone promotes."""
    call.scope.member.in_environment("production")
    if call.body.to:
        _out_of(call, call.body.to)
    left = pointer.rollback(call.actor, call.scope, call.body.to, call.body.reason)
    call.trail.after = {**call.trail.after, "deployment": left.deployment}
    return PointerView.model_validate(pointer.view(call.scope, left))


def _out_of(call: Call, deployment: str) -> None:
    """Ask the policies about the environment that a deployment would be taken out of."""
    row = rows.get(deployment)
    if row is not None and row.project == call.scope.id:
        call.scope.member.in_environment(row.environment or row.target)


@routes.get(
    "/projects/{project}/pointer",
    permission="deployment.read",
    scope="project",
    answer=PointerView,
)
def get_pointer(call: Call) -> PointerView:
    """What is live, and the last twenty moves."""
    call.scope.member.in_environment("production")
    return PointerView.model_validate(pointer.view(call.scope))
