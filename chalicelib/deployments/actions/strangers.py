"""Which commits of our own repository were nobody's that we trust.

Whoever may write to a repository is trusted with what previews know; programs may write too, and
nobody reads what they do. So what one pushes to a branch of previews is built as its pull request
is: without variables, until a person has approved exactly that commit.
"""

from __future__ import annotations

from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows
from chalicelib.git.rules.trust import APPROVED, TRUSTED, UNTRUSTED
from chalicelib.projects.rows import Project
from chalicelib.projects.rules import flow


def trust_of_branch(project: Project, branch: str, commit: str, bot: bool) -> str:
    """How far the commit at the end of a branch is trusted; `bot`: a program pushed or wrote it.

    A branch that leads to production, or to an environment that somebody made, is trusted: a rule
    says so, and it was a person who let the program write there. What was a program's stays so,
    whoever tells of it next.
    """
    if leads_to(project, branch) != "preview":
        return TRUSTED
    known = rows.head(project.id, branch)
    if not bot and (known is None or known.commit != commit or known.trust == TRUSTED):
        return TRUSTED
    return APPROVED if rows.is_approved(project.id, commit) else UNTRUSTED


def leads_to(project: Project, branch: str) -> str:
    """The environment of a branch that somebody wants to see, whatever the rules say of pushes."""
    return flow.environment_of_branch(project.git, project.production_branch, branch) or "preview"


def refuse_strange(project: Project, commit: str) -> None:
    """Raise Conflict `commit_not_approved` for a commit that came from a stranger, by whichever
    way: a host finds those of forks by their ids as if they were ours.
    """
    if rows.is_approved(project.id, commit):
        return
    position = None
    while True:
        found, position = rows.pull_page(project.id, 100, position, None)
        for pull in found:
            if pull.commit == commit and pull.trust == UNTRUSTED:
                raise not_approved(commit, f"is of pull request {int(pull.number)}: {pull.why}")
        if position is None:
            break
    for head in rows.heads(project.id):
        if head.commit == commit and head.trust == UNTRUSTED:
            raise not_approved(commit, f"was pushed to {head.branch[:80]!r} by a program.")


def not_approved(commit: str, why: str) -> Conflict:
    """The problem of a commit that may not be deployed as if it were a person's."""
    return Conflict(
        "commit_not_approved",
        f"Commit {commit[:12]} {why}",
        hint="Read its pull request (`deck pulls`), then `deck approve` it or merge it.",
    )
