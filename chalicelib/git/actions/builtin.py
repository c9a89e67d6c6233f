"""The built-in remote: taking its pushes, and opening it to those who may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chalicelib.core.config import settings
from chalicelib.core.errors import Forbidden, Invalid
from chalicelib.core.observe import printable
from chalicelib.git import rows
from chalicelib.git.actions.events import deployment_id, publish
from chalicelib.git.rules import ZERO, Push, Tag, branch_of, is_commit, tag_of
from chalicelib.identity import actions as identity
from chalicelib.ports import services
from chalicelib.projects import actions as projects
from chalicelib.projects.rows import Project
from chalicelib.projects.rules import flow


@dataclass(frozen=True)
class RepositoryAccess:
    """A bare repository that somebody may read or write now.

    `refused` says by environment why what is deployed there cannot be pushed now; `flow` holds the
    rules of where branches and tags lead. Without a production branch the first one pushed
    becomes it.
    """

    project_id: str
    path: Path
    pusher: str
    production_branch: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)
    flow: Mapping[str, Any] = field(default_factory=dict)


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
        {name: list((project.git or {}).get(name) or ()) for name in ("branches", "tags")},
    )


def _refused(project: Project) -> dict[str, str]:
    """Environments to which the one who pushes may not deploy now, each with the reason.

    Which branches and tags a push has, only git will know; the hook `pre-receive` holds them to it.
    """
    found = {}
    for environment in sorted({"production", "preview"} | flow.named(project.git).deployed):
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


def receive(project: str, updates: list[dict[str, Any]], pusher: str, delivery: str) -> list[Taken]:
    """Take the ref updates of one push and publish what moved: branches and tags.

    A delivery that comes again is answered the same and published again only if it was never
    recorded; consumers create a deployment once, whatever comes twice.
    """
    found = projects.resolve(project)
    events = [e for e in (_event(found.id, u, pusher) for u in updates) if e is not None]
    if rows.first_time("builtin", delivery):
        try:
            for event in events:
                publish(event)
        except Exception:
            rows.forget("builtin", delivery)
            raise
    pushes = [event for event in events if isinstance(event, Push)]
    return [Taken(f"refs/heads/{p.branch}", deployment_id(p)) for p in pushes]


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


def _event(project: str, update: dict[str, Any], pusher: str) -> Push | Tag | None:
    """What a ref update is to us; None for one that went away, and for refs of neither kind."""
    ref, commit, old = (str(update[name]) for name in ("ref", "new", "old"))
    branch, tag = branch_of(ref), tag_of(ref)
    if (branch is None and tag is None) or commit == ZERO:
        return None
    if not is_commit(commit):
        raise Invalid("invalid_commit", f"{commit[:80]!r} is not a commit id.")
    sequence = int(update["sequence"])
    if branch is not None:
        before = old if is_commit(old) and old != ZERO else ""
        return Push(project, branch, commit, sequence, pusher, previous=before)
    # an annotated tag is an object of its own, and what is built is the commit below it
    known = services().repositories.commit(project, commit) or {}
    return Tag(project, str(tag), known.get("commit", commit), sequence, pusher)
