"""What the runner API takes and answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.builds import rows
from chalicelib.core.http import Input, Output

Short = Annotated[str, Field(max_length=200)]


Stage = Literal["source", "prepare", "install", "check", "build", "upload"]


class ClaimInput(Input):
    """Who claims."""

    instance: Annotated[str, Field(min_length=8, max_length=100)]
    version: Short = ""
    sandbox: Annotated[list[Short], Field(max_length=40, default_factory=list)]


class ProjectName(Output):
    """The project of a build."""

    id: str
    slug: str


class FileListRequest(Output):
    """Where the file list of the output goes."""

    list_url: str
    list_headers: dict[str, str]


class ClaimView(Output):
    """All that a runner gets to know."""

    build: str
    deployment: str
    project: ProjectName
    deadline_ms: int
    source: dict[str, str]
    inspect: list[str]
    env: dict[str, str]
    secrets: list[str]
    limits: dict[str, int]
    upload: FileListRequest
    gate: str


class LogLine(Input):
    """One line a build printed."""

    t: Annotated[int, Field(ge=0)]
    level: Literal["debug", "info", "warn", "error", "command"]
    stage: Stage | None = None
    text: Annotated[str, Field(max_length=20_000)]


class LogInput(Input):
    """Consecutive lines; `first` is the number of the first (from 1)."""

    first: Annotated[int, Field(ge=0)]
    lines: Annotated[list[LogLine], Field(max_length=rows.LONGEST_CHUNK)]


class LogAnswer(Output):
    """Whether to go on."""

    state: str


class SourceInput(Input):
    """Where to go on."""

    cursor: Annotated[str | None, Field(max_length=4096)] = None


class SourceFile(Output):
    """A source file and where to read it."""

    path: str
    mode: int
    url: str


class SourceView(Output):
    """A page of source files."""

    files: list[SourceFile]
    next: str | None


class InspectedFile(Input):
    """A file that detection wants to see."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    text: Annotated[str | None, Field(max_length=300_000)] = None


class PlanInput(Input):
    """What the runner found."""

    root_files: Annotated[list[str], Field(max_length=20_000)]
    files: dict[str, InspectedFile]


class CacheView(Output):
    """What is kept between builds; `url` reads it when it exists, `sha256` is what it must have."""

    kind: str
    key: str
    paths: list[str]
    url: str | None
    sha256: str | None
    write: bool


class StepView(Output):
    """One command of a build; `folder` is relative to the tree, null is the plan's root."""

    name: str
    stage: str
    run: str
    allow_failure: bool
    always: bool
    junit: list[str]
    folder: str | None


class SaidView(Output):
    """What a configuration of another platform says at one key, and what became of it."""

    file: str
    line: int | None
    key: str
    verdict: str
    why: str


class ScopeView(Output):
    """What a build depends on, and why."""

    paths: list[str]
    why: str


class PlanView(Output):
    """How to build; paths and commands are relative to `root`."""

    framework: str
    name: str
    why: list[str]
    root: str
    install: str | None
    install_cached: str | None
    build: str | None
    output: str
    output_candidates: list[str]
    package_manager: str | None
    steps: list[StepView]
    caches: list[CacheView]
    node: str | None
    python: str | None
    env: dict[str, str]
    spa: bool
    clean_urls: bool
    warnings: list[str]
    report: list[SaidView]
    scope: ScopeView


class Fault(Output):
    """Why there is no plan."""

    code: str
    message: str
    hint: str


class DetectInput(PlanInput):
    """A folder that nobody has deployed yet, and for which deployment it is asked."""

    root: Annotated[str | None, Field(max_length=1000)] = None
    environment: Annotated[str, Field(max_length=20)] = "production"
    branch: Annotated[str | None, Field(max_length=250)] = None
    pull: bool = False


class DetectionView(Output):
    """What a folder is, and why; `inspect` lists the files worth sending."""

    framework: str | None
    name: str | None
    why: list[str]
    root: str | None
    package_manager: str | None
    install: str | None
    build: str | None
    output: str | None
    steps: list[StepView]
    node: str | None
    python: str | None
    scope: ScopeView | None
    report: list[SaidView]
    warnings: list[str]
    error: Fault | None
    inspect: list[str]


class CacheInput(Input):
    """An archive to save: which of the plan's caches, and exactly what."""

    kind: Literal["dependencies", "framework"]
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1, le=5 * 1024**3)]


class SavedInput(CacheInput):
    """An archive that was uploaded; `install_ms` is what the install took that it will save."""

    install_ms: Annotated[int, Field(ge=0, le=86_400_000)] = 0


class SignedRequest(Output):
    """A request to send exactly like this."""

    url: str
    headers: dict[str, str]
