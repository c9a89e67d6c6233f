"""Routes of deployments and the production pointer."""

from __future__ import annotations

from chalicelib.artifacts import actions as artifacts
from chalicelib.builds.actions import loglines
from chalicelib.core import http, paging
from chalicelib.core.http import Call, Routes
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import create, pointer, show, watch
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
from chalicelib.teams.actions import find_with

routes = Routes("deployments")
http.authorise_with("deployment", watch.authorise)
find_with("deployment", watch.find)


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
    production = body.production
    if production is None:
        production = not body.upload and call.scope.production_branch == _reference(body)
    call.scope.member.in_environment("production" if production else "preview")
    if body.upload:
        origin = {
            "branch": body.branch or "",
            "commit": body.commit or "",
            "message": body.message,
        }
        row = create.from_upload(call.actor, call.scope, body.upload, production, origin)
    else:
        row = create.from_reference(call.actor, call.scope, _reference(body), production)
    return view(row)


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
    seen = {name: call.scope.member.allows(name) for name in ("production", "preview")}
    position = paging.position(call)
    found, following = rows.page(call.scope.id, query.limit, position, query.branch, query.state)
    live_id = project_rows.production_of(call.scope.id)
    return paging.Page[DeploymentView](
        items=[
            DeploymentView.model_validate(show.view(row, live_id))
            for row in found
            if seen[row.target]
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
)
def files(call: Call) -> paging.Page[FileView]:
    """The files of a published deployment, by path."""
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
    """Make a ready deployment live."""
    call.scope.member.in_environment("production")
    pointer.promote(call.actor, call.scope, call.body.deployment, call.body.reason)
    return PointerView.model_validate(pointer.view(call.scope))


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
    pointer.rollback(call.actor, call.scope, call.body.to, call.body.reason)
    return PointerView.model_validate(pointer.view(call.scope))


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
