"""Rows of branch heads and of tags: the newest push of each that led to a deployment."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError

from chalicelib.core import table
from chalicelib.deployments.rows.deployments import Deployment
from chalicelib.git.rules import Push
from chalicelib.projects.rows import key as project_key


class Head(table.CoreRow):
    """The newest push of a branch that led to a deployment.

    `skipped` is the newest one that asked for none: known, so that nobody catches up on it, but
    no reason to end what was on its way. The row of a tag holds its name as `branch`.
    """

    branch = UnicodeAttribute()
    commit = UnicodeAttribute(default="")
    sequence = NumberAttribute(default=0)
    deployment = UnicodeAttribute(default="")
    trust = UnicodeAttribute(default="trusted")
    skipped = NumberAttribute(default=0)
    skipped_commit = UnicodeAttribute(default="")

    @property
    def newest(self) -> str:
        """The commit of the newest push that is known, whatever it led to."""
        return self.skipped_commit if int(self.skipped) > int(self.sequence) else self.commit


def head(project: str, branch: str) -> Head | None:
    """The newest push of a branch, read consistently."""
    return table.find(Head, project_key(project), f"HEAD#{branch}")


def tag(project: str, name: str) -> Head | None:
    """The newest deployment of a tag, read consistently."""
    return table.find(Head, project_key(project), f"TAG#{name}")


def heads(project: str) -> list[Head]:
    """The newest push of every branch."""
    return list(table.below(Head, project_key(project), "HEAD#"))


def head_row(deployment: Deployment) -> Head:
    """The head of its branch or tag that a deployment makes, not yet saved."""
    name = deployment.tag or deployment.branch
    return Head(
        pk=project_key(deployment.project),
        sk=f"TAG#{name}" if deployment.tag else f"HEAD#{name}",
        branch=name,
        commit=deployment.commit,
        sequence=deployment.sequence,
        deployment=deployment.id,
        trust=deployment.trust,
    )


def note_head(project: str, push: Push) -> None:
    """Remember a push that leads to no deployment, unless a newer one is known."""
    row = Head(pk=project_key(project), sk=f"HEAD#{push.branch}")
    try:
        row.update(
            actions=[
                Head.branch.set(push.branch),
                Head.commit.set(Head.commit | ""),
                Head.sequence.set(Head.sequence | 0),
                Head.deployment.set(Head.deployment | ""),
                Head.skipped.set(push.sequence),
                Head.skipped_commit.set(push.commit),
            ],
            condition=Head.skipped.does_not_exist() | (Head.skipped < push.sequence),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
