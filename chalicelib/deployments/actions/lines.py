"""Lines: what orders the deployments of one branch, one tag or one pull request.

The newest of a line counts. Who writes a deployment writes the end of its line in the same
transaction, so that two events at the same moment do not both become the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from pynamodb.transactions import TransactWrite

from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows
from chalicelib.deployments.rows import Deployment, Head, Pull
from chalicelib.git.rules import PullRequest


@dataclass(frozen=True)
class End:
    """The newest deployment of a line, and how far its commit is trusted."""

    deployment: str
    commit: str
    sequence: int
    trust: str


class Line(Protocol):
    """One line; `end` is read before `move` is written, and both may come again."""

    def end(self) -> End | None:
        """The newest deployment; None when there is none yet."""

    def move(self, transaction: TransactWrite, row: Deployment) -> None:
        """Make a deployment the newest, unless the line has changed since `end`."""


@dataclass
class HeadLine:
    """A branch of our own repository, or a tag.

    The built-in remote gives every push its place; whoever asks a host only knows when they asked,
    so there nothing may have happened in between (`strict`).
    """

    project: str
    branch: str = ""
    tag: str = ""
    strict: bool = False
    known: Head | None = None

    def end(self) -> End | None:
        """The newest push that led to a deployment."""
        self.known = rows.tag(self.project, self.tag) if self.tag else None
        if not self.tag:
            self.known = rows.head(self.project, self.branch)
        found = self.known
        if found is None or not found.deployment:
            return None
        return End(found.deployment, found.commit, int(found.sequence), found.trust)

    def move(self, transaction: TransactWrite, row: Deployment) -> None:
        """Write the head."""
        condition = Head.pk.does_not_exist() | (Head.sequence < row.sequence)
        if self.strict:
            unchanged = Head.sequence == (self.known.sequence if self.known else 0)
            condition = Head.pk.does_not_exist() | unchanged
        transaction.save(rows.head_row(row), condition=condition)


@dataclass
class PullLine:
    """A pull request: what strangers push has no branch of ours. `only` is the one commit that it
    may be at: what somebody approved is not put over what was pushed since.
    """

    event: PullRequest
    values: dict[str, Any]
    known: Pull | None = None
    only: str = ""

    def end(self) -> End | None:
        """What the pull request shows; raises Conflict `head_moved`."""
        self.known = found = rows.pull(self.event.project, self.event.number)
        if self.only and found is not None and found.commit != self.only:
            raise head_moved(found, self.only)
        if found is None or not found.deployment:
            return None
        return End(found.deployment, found.commit, int(found.sequence), found.trust)

    def move(self, transaction: TransactWrite, row: Deployment) -> None:
        """Write the pull request, and that it shows this deployment."""
        pull, actions, unchanged = rows.pull_change(
            self.event.project,
            self.event.number,
            self.known,
            **{**self.values, "deployment": row.id, "preview": "built", "state": "open"},
        )
        transaction.update(pull, actions=actions, condition=unchanged)
        transaction.save(rows.shown_row(row.project, self.event.number, row.id))


def head_moved(pull: Pull, commit: str) -> Conflict:
    """The problem of a pull request that is at another commit than the one somebody read."""
    return Conflict(
        "head_moved",
        f"Pull request {int(pull.number)} is at {pull.commit[:12]}, not at {commit[:12]}.",
        hint="Read what is new, then approve the commit that it is at now.",
    )


def of_deployment(row: Deployment) -> End | None:
    """The end of the line that a deployment of git is on; None when it is on none."""
    if row.source != "git":
        return None
    if row.trigger == "pull_request":
        found = rows.pull(row.project, int(row.pull))
        if found is None:
            return None
        return End(found.deployment, found.commit, int(found.sequence), found.trust)
    if not row.branch and not row.tag:
        return None
    return HeadLine(row.project, row.branch, row.tag).end()
