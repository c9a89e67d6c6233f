"""Routes of pull requests and aliases: what previews there are, and who lets a stranger's build."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.core import paging
from chalicelib.core.errors import not_found
from chalicelib.core.http import Call, Input, Output
from chalicelib.deployments import rows
from chalicelib.deployments.actions import aliases, pulls
from chalicelib.deployments.routes.blueprint import routes
from chalicelib.deployments.rows import Pull

Commit = Annotated[str, Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]


class PullQuery(paging.PageQuery):
    """Which pull requests."""

    state: Literal["open", "closed"] | None = None


class PullView(Output):
    """A pull request, how far its commit is trusted and why, and what became of it."""

    number: int
    state: Literal["open", "closed"]
    merged: bool
    title: str
    author: str
    branch: str
    base: str
    repository: str
    fork: bool
    commit: str
    trust: Literal["trusted", "approved", "untrusted"]
    why: str
    preview: Literal["built", "waiting", "ignored", "none"]
    deployment: str | None
    provider: str
    opened_at: str
    updated_at: str


class ApproveInput(Input):
    """Exactly the commit that was read."""

    commit: Commit


class AliasView(Output):
    """An address that follows the newest ready deployment of something."""

    alias: str
    kind: Literal["environment", "pull", "branch"]
    of: str
    url: str
    deployment: str
    moved_at: str


class AliasList(Output):
    """All aliases of a project that point at something."""

    items: list[AliasView]
    next: str | None = None


def _view(row: Pull) -> PullView:
    plain = ("merged", "title", "author", "branch", "base", "repository", "fork", "commit")
    more = ("state", "trust", "why", "preview", "provider", "opened_at", "updated_at")
    said = {name: getattr(row, name) for name in (*plain, *more)}
    return PullView(number=int(row.number), deployment=row.deployment or None, **said)


@routes.get(
    "/projects/{project}/pulls",
    permission="deployment.read",
    scope="project",
    query=PullQuery,
    answer=paging.Page[PullView],
)
def list_pulls(call: Call) -> paging.Page[PullView]:
    """The pull requests of a project, the highest number first."""
    call.scope.member.in_environment("preview")
    query: PullQuery = call.query
    found, following = rows.pull_page(
        call.scope.id, query.limit, paging.position(call), query.state
    )
    return paging.Page[PullView](
        items=[_view(row) for row in found], next=paging.cursor(call, following)
    )


@routes.post(
    "/projects/{project}/pulls/{pull}/approve",
    permission="deployment.approve",
    scope="project",
    body=ApproveInput,
    answer=PullView,
    problems=(409,),
    limit="expensive",
)
def approve(call: Call) -> PullView:
    """Let exactly this commit of a pull request be built as a preview with its variables."""
    call.scope.member.in_environment("preview")
    text = call.path["pull"]
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise not_found("pull", text)
    return _view(pulls.approve(call.actor, call.scope, int(text), call.body.commit))


@routes.get(
    "/projects/{project}/aliases",
    permission="deployment.read",
    scope="project",
    answer=AliasList,
)
def list_aliases(call: Call) -> AliasList:
    """The addresses that follow branches, pull requests and environments."""
    seen = {alias["alias"]: alias for alias in aliases.view(call.scope)}
    shown = [
        AliasView.model_validate(alias)
        for alias in seen.values()
        if call.scope.member.allows(alias["of"] if alias["kind"] == "environment" else "preview")
    ]
    return AliasList(items=shown)
