"""Taking pushes, and opening the built-in remote to those who may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chalicelib.core import ids
from chalicelib.core.config import settings
from chalicelib.core.errors import Forbidden, Invalid
from chalicelib.core.observe import printable
from chalicelib.git import rows
from chalicelib.git.rules import ZERO, Push, branch_of, is_commit
from chalicelib.identity import actions as identity
from chalicelib.ports import services
from chalicelib.projects import actions as projects
from chalicelib.projects.rows import Project


@dataclass(frozen=True)
class RepositoryAccess:
    """A bare repository that somebody may read or write now.

    `refused` says for `production` and `preview` why a branch that is deployed there cannot be
    pushed now; without a production branch the first one pushed becomes it.
    """

    project_id: str
    path: Path
    pusher: str
    production_branch: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


def open_repository(token: str, slug: str, write: bool, address: str = "") -> RepositoryAccess:
    """Who may clone or push, from which address; raises Problem 401, 403 or 404."""
    actor = replace(identity.authenticate(token), ip=address)
    project = projects.permitted(actor, slug, "deployment.create" if write else "project.read")
    services().repositories.create(project.id)
    return RepositoryAccess(
        project.id,
        settings().home / "git" / f"{project.id}.git",
        actor.id,
        project.production_branch,
        _refused(project) if write else {},
    )


def _refused(project: Project) -> dict[str, str]:
    """Environments to which the one who pushes may not deploy now, each with the reason.

    Which branches a push has, only git will know; the hook `pre-receive` holds them to this.
    """
    found = {}
    for environment in ("production", "preview"):
        try:
            if project.member is not None:
                project.member.in_environment(environment)
        except Forbidden as problem:
            found[environment] = printable(problem.detail)
    return found


@dataclass(frozen=True)
class Taken:
    """A push that was taken: the deployment it leads to."""

    ref: str
    deployment: str


def deployment_id(push: Push) -> str:
    """The id of the deployment a push leads to: the same push always gives the same id."""
    return ids.new(
        "dpl",
        push.sequence // 1_000_000,
        f"{push.project}:{push.branch}:{push.commit}:{push.sequence}",
    )


def receive(project: str, updates: list[dict[str, Any]], pusher: str, delivery: str) -> list[Taken]:
    """Take the ref updates of one push and publish `git.push` for every branch that moved.

    A delivery that comes again is answered the same and published again only if it was never
    recorded; consumers create a deployment once, whatever comes twice.
    """
    found = projects.resolve(project)
    pushes = [p for p in (_push(found.id, u, pusher) for u in updates) if p is not None]
    if rows.first_time("builtin", delivery):
        try:
            for push in pushes:
                publish(push)
        except Exception:
            rows.forget("builtin", delivery)
            raise
    return [Taken(f"refs/heads/{p.branch}", deployment_id(p)) for p in pushes]


def publish(push: Push) -> None:
    """Put `git.push` on the bus."""
    services().bus.put("git.push", {"version": 1, **vars(push)})


def missed(project: str, known: dict[str, int]) -> list[Push]:
    """Pushes of the built-in remote that nobody told us of.

    `known` holds the newest sequence taken per branch; whatever git has beyond it was lost on
    its way here.
    """
    return [
        Push(project, head.branch, head.commit, head.sequence, pusher="git")
        for head in services().repositories.heads(project)
        if head.sequence > known.get(head.branch, 0)
    ]


def _push(project: str, update: dict[str, Any], pusher: str) -> Push | None:
    branch = branch_of(str(update["ref"]))
    commit = str(update["new"])
    if branch is None or commit == ZERO:
        return None
    if not is_commit(commit):
        raise Invalid("invalid_commit", f"{commit[:80]!r} is not a commit id.")
    return Push(project, branch, commit, int(update["sequence"]), pusher)
