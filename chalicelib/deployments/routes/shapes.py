"""What the routes of deployments take and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from chalicelib.core import paging
from chalicelib.core.http import Input, Output

Text = Annotated[str, Field(max_length=500)]


class NewDeployment(Input):
    """What to deploy: an upload, or a branch or commit of the built-in git remote."""

    upload: Annotated[str | None, Field(max_length=60)] = None
    branch: Annotated[str | None, Field(max_length=250)] = None
    commit: Annotated[str | None, Field(max_length=64)] = None
    message: Text = ""
    production: bool | None = None
    environment: Annotated[str | None, Field(max_length=40)] = None

    @model_validator(mode="after")
    def _one_source(self) -> NewDeployment:
        if not (self.upload or self.branch or self.commit):
            raise ValueError("name an upload, a branch or a commit")
        return self


class Failure(Output):
    """Why it failed, whose fault it is, and what to do next."""

    code: str
    message: str
    hint: str
    fault: str


class Stage(Output):
    """One stage with its times."""

    name: str
    state: Literal["running", "done", "failed", "skipped"]
    started_at: str | None
    ended_at: str | None


class HeldView(Output):
    """Why a deployment that is ready is not live, and since when.

    `until` is when that ends by itself; `missing` is how many approvals are.
    """

    because: Literal["locked", "pinned", "frozen", "approval"]
    detail: str
    since: str
    until: str | None
    missing: int


class DeploymentView(Output):
    """A deployment."""

    id: str
    project: str
    slug: str
    state: str
    target: Literal["production", "preview"]
    environment: str
    trigger: str
    trust: str
    url: str
    alias_url: str | None
    production_url: str
    branch: str
    tag: str
    pull: int | None
    commit: str
    message: str
    source: Literal["git", "upload", "prebuilt"]
    provider: str
    sequence: int
    build: str | None
    framework: str | None
    error: Failure | None
    stages: list[Stage]
    files: int
    bytes: int
    cache_hit: bool
    restored: str | None
    live: bool
    held: HeldView | None
    created_by: str
    created_at: str
    ready_at: str | None
    finished_at: str | None
    expires_at: str | None
    removed_at: str | None


class ListQuery(paging.PageQuery):
    """Which deployments."""

    branch: Annotated[str | None, Field(max_length=250)] = None
    state: Annotated[str | None, Field(max_length=20)] = None
    environment: Annotated[str | None, Field(max_length=40)] = None
    created_by: Annotated[str | None, Field(max_length=40)] = None


class LogQuery(Input):
    """From which line on."""

    after: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 500


class Line(Output):
    """One log line."""

    n: int
    t: int
    level: str
    stage: str | None
    text: str


class LogView(Output):
    """Log lines; `done` when no more will come."""

    lines: list[Line]
    next: int
    done: bool


class FileView(Output):
    """A published file."""

    path: str
    sha256: str
    size: int


class PromoteInput(Input):
    """What shall be live."""

    deployment: Annotated[str, Field(max_length=60)]
    reason: Text = ""


class RollbackInput(Input):
    """Where to go back to; by default to what was live before."""

    to: Annotated[str | None, Field(max_length=60)] = None
    reason: Text = ""


class MoveView(Output):
    """One move of the pointer."""

    generation: int
    deployment: str
    moved_at: str
    moved_by: str
    reason: str


class PointerView(Output):
    """What is live, and what was."""

    project: str
    deployment: str | None
    generation: int
    pinned: bool
    canary: str | None
    weight: float
    rollout: str | None
    url: str
    moved_at: str | None
    moved_by: str | None
    reason: str
    history: list[MoveView]
