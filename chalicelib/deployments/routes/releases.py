"""Routes of releases: what a deployment was frozen with, and what differs between two."""

from __future__ import annotations

from typing import Any

from chalicelib.core.errors import NotFound, not_found
from chalicelib.core.http import Call, Output
from chalicelib.deployments.actions import comparing, releases, watch
from chalicelib.deployments.routes.blueprint import routes


class DeclaredView(Output):
    """A schedule as clouddeck.toml declares it."""

    name: str
    cron: str
    timezone: str


class ReleaseView(Output):
    """What a deployment is made of; of variables the names, never the values."""

    deployment: str
    project: str
    commit: str
    branch: str
    message: str
    framework: str | None
    files: int
    bytes: int
    listing: str | None
    rules: str | None
    variables: list[str]
    schedules: list[DeclaredView]
    settings: dict[str, Any]
    functions: list[str]
    frozen_at: str


class About(Output):
    """One of two deployments."""

    id: str
    commit: str
    branch: str
    message: str
    framework: str | None
    created_at: str
    created_by: str


class FileChange(Output):
    """A file with its length before and after; null where it is not."""

    path: str
    before: int | None
    after: int | None


class FileChanges(Output):
    """Files that differ, at most 1,000 of each kind; `counts` has all of them."""

    added: list[FileChange]
    removed: list[FileChange]
    changed: list[FileChange]
    counts: dict[str, int]
    bytes: int


class RuleLine(Output):
    """A rule that only one of them has."""

    kind: str
    source: str
    pattern: str
    to: str
    status: int | None


class RuleChanges(Output):
    """Rules that differ; `reordered` when they are the same in another order."""

    same: bool
    added: list[RuleLine]
    removed: list[RuleLine]
    reordered: bool


class NameChanges(Output):
    """Names that were added, removed, or have another value."""

    added: list[str]
    removed: list[str]
    changed: list[str]


class ScheduleChanges(Output):
    """Schedules that differ."""

    added: list[DeclaredView]
    removed: list[DeclaredView]
    changed: list[DeclaredView]


class DiffView(Output):
    """What leads from the first deployment to the second.

    `known` is false when one of them is from before releases were written down: then variables and
    schedules cannot be compared.
    """

    first: About
    second: About
    same: bool
    known: bool
    files: FileChanges
    rules: RuleChanges
    variables: NameChanges
    schedules: ScheduleChanges
    settings: NameChanges


@routes.get(
    "/deployments/{deployment}/release",
    permission="deployment.read",
    scope="deployment",
    answer=ReleaseView,
)
def get_release(call: Call) -> ReleaseView:
    """What a deployment was frozen with."""
    found = releases.view(call.scope)
    if found is None:
        raise NotFound(
            "release_not_found",
            f"{call.scope.id} has no release: it was not published, or before there were any.",
            hint="Deploy its commit again.",
        )
    return ReleaseView.model_validate(found)


@routes.get(
    "/deployments/{deployment}/diff/{other}",
    permission="deployment.read",
    scope="deployment",
    answer=DiffView,
    problems=(409,),
)
def diff(call: Call) -> DiffView:
    """What differs between two deployments of a project."""
    try:
        other = watch.permitted(call.actor, call.path["other"], "deployment.read")
    except NotFound:  # so that the caller knows which of the two it is
        raise not_found("other", call.path["other"]) from None
    return DiffView.model_validate(comparing.compare(call.scope, other))
