"""Routes of what keeps a release from visitors: locks, pins, approvals."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.core.errors import not_found
from chalicelib.core.http import Call, Empty, Input, Output
from chalicelib.deployments.actions import approving, locks, pointer
from chalicelib.deployments.routes.blueprint import routes
from chalicelib.deployments.routes.shapes import PointerView, Text
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Project


class LockInput(Input):
    """Why."""

    reason: Text = ""


class LockView(Output):
    """A lock: who, when and why."""

    by: str
    at: str
    reason: str


class ReleaseApproveInput(Input):
    """Exactly the commit that was read; empty for an upload that names none."""

    commit: Annotated[str, Field(max_length=64)]


class ReleaseApprovalView(Output):
    """Somebody who approved, and the role they had."""

    user: str
    role: str
    at: str


class ReleaseApprovals(Output):
    """Who approved of a deployment's commit, and how many are missing."""

    deployment: str
    commit: str
    required: int
    approvers: Literal["admins", "developers"]
    missing: int
    items: list[ReleaseApprovalView]


@routes.put(
    "/projects/{project}/lock",
    permission="release.lock",
    scope="project",
    body=LockInput,
    answer=LockView,
    problems=(409,),
)
def lock(call: Call) -> LockView:
    """Let nothing go live but what a rollback brings back; a running rollout is taken back."""
    call.scope.member.in_environment("production")
    project = locks.lock(call.actor, call.scope, call.body.reason)
    return LockView.model_validate(dict(project.lock))


@routes.delete(
    "/projects/{project}/lock",
    permission="release.lock",
    scope="project",
    answer=Empty,
    status=204,
)
def unlock(call: Call) -> None:
    """Take the lock away; what waited for it goes live, the newest of it."""
    call.scope.member.in_environment("production")
    call.trail.before = {"reason": dict(call.scope.lock or {}).get("reason", "")}
    locks.unlock(call.scope)


@routes.post(
    "/projects/{project}/unpin",
    permission="deployment.promote",
    scope="project",
    answer=PointerView,
    problems=(409,),
)
def unpin(call: Call) -> PointerView:
    """Let pushes go live again after a rollback; what waited for it does, the newest of it."""
    call.scope.member.in_environment("production")
    locks.unpin(call.scope)
    return PointerView.model_validate(pointer.view(call.scope))


@routes.post(
    "/deployments/{deployment}/approve",
    permission="release.approve",
    scope="deployment",
    body=ReleaseApproveInput,
    answer=ReleaseApprovals,
    problems=(409,),
)
def approve_release(call: Call) -> ReleaseApprovals:
    """Approve of what a deployment brings to production: of exactly this commit."""
    call.scope.member.in_environment("production")
    project = _project(call)
    approving.approve(call.actor, call.scope.member.role, project, call.scope, call.body.commit)
    return ReleaseApprovals.model_validate(approving.view(project, call.scope))


@routes.get(
    "/deployments/{deployment}/approvals",
    permission="deployment.read",
    scope="deployment",
    answer=ReleaseApprovals,
)
def list_approvals(call: Call) -> ReleaseApprovals:
    """Who approved of a deployment's commit."""
    return ReleaseApprovals.model_validate(approving.view(_project(call), call.scope))


def _project(call: Call) -> Project:
    found = project_rows.get(call.scope.project)
    if found is None or found.deleted_at:
        raise not_found("deployment", call.scope.id)
    return found
