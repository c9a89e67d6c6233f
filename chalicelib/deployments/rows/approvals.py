"""Rows of people who approved of a release."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from chalicelib.core import clock, table
from chalicelib.deployments.rows.deployments import Deployment
from chalicelib.projects.rows import key as project_key


class ReleaseApproval(table.CoreRow):
    """A person approved of what a commit, or an upload, brings to production.

    `of` is the commit; of an upload, whose commit is what its uploader says, it is the deployment.
    """

    of = UnicodeAttribute()
    deployment = UnicodeAttribute()
    user = UnicodeAttribute()
    role = UnicodeAttribute()
    at = UnicodeAttribute()


def subject(row: Deployment) -> str:
    """What is approved of when a deployment is."""
    return str(row.commit) if row.source == "git" and row.commit else str(row.id)


def approvals(row: Deployment) -> list[ReleaseApproval]:
    """Everybody who approved of what a deployment brings."""
    prefix = f"RELEASEOK#{subject(row)}#"
    return list(table.below(ReleaseApproval, project_key(row.project), prefix))


def approval_row(row: Deployment, user: str, role: str) -> ReleaseApproval:
    """An approval, not yet saved."""
    return ReleaseApproval(
        pk=project_key(row.project),
        sk=f"RELEASEOK#{subject(row)}#{user}",
        of=subject(row),
        deployment=row.id,
        user=user,
        role=role,
        at=clock.iso(),
    )
