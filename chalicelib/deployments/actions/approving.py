"""People approve of a release: of exactly the commit that it brings, each once."""

from __future__ import annotations

from typing import Any

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Forbidden
from chalicelib.deployments import rows
from chalicelib.deployments.actions import authors, waiting
from chalicelib.deployments.rows import Deployment
from chalicelib.deployments.rules import holds
from chalicelib.deployments.rules.holds import Approval
from chalicelib.projects.rows import Project
from chalicelib.projects.rules import delivery


def approve(
    actor: Actor, role: str, project: Project, row: Deployment, commit: str
) -> list[rows.ReleaseApproval]:
    """Approve of a deployment's commit; what waited for that goes live. Once more is no more.

    Raises Conflict `commit_differs` when the deployment is of another commit than the one that was
    read, Forbidden `person_required` for a key, `own_release` for the one who pushed it,
    `approver_required` for a role that does not count here.
    """
    if commit != row.commit:
        raise Conflict(
            "commit_differs",
            f"{row.id} is of commit {row.commit or '(none)'}, not {commit or '(none)'}.",
            hint="Read that one; a new commit needs approvals of its own.",
        )
    if actor.kind != "user":
        raise Forbidden(
            "person_required",
            "Only people approve of releases.",
            hint="Sign in instead of using a key.",
        )
    if actor.id in authors.of_commit(row):
        raise Forbidden(
            "own_release",
            "Whoever pushed or deployed it does not approve of it.",
            hint="Ask somebody else of the team.",
        )
    if not holds.counted([Approval(actor.id, role)], delivery.read(project.delivery).approvers):
        raise Forbidden(
            "approver_required",
            "In this project admins and owners approve of releases.",
            hint="Ask one of them.",
        )
    rows.approval_row(row, actor.id, role).save()
    waiting.go_on(row.project)
    return rows.approvals(row)


def view(project: Project, row: Deployment) -> dict[str, Any]:
    """Who approved of a deployment, how many have to, and how many are missing."""
    said = delivery.read(project.delivery)
    found = rows.approvals(row)
    people = [Approval(one.user, one.role) for one in found]
    good = holds.counted(people, said.approvers, authors.of(row))
    return {
        "deployment": row.id,
        "commit": row.commit,
        "required": said.approvals,
        "approvers": said.approvers,
        "missing": max(0, said.approvals - len(good)),
        "items": [{"user": one.user, "role": one.role, "at": one.at} for one in found],
    }
