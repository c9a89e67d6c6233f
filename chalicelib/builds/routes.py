"""The runner API: what a build machine may say, with a build token and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.artifacts.routes import CursorInput, MissingView, missing_view
from chalicelib.builds import rows
from chalicelib.builds.actions import order, report
from chalicelib.builds.rules.detect import detect_view
from chalicelib.builds.rules.model import Found, FoundFile, PlanError
from chalicelib.builds.rules.paths import inspect_paths
from chalicelib.core import http
from chalicelib.core.errors import Invalid
from chalicelib.core.http import Acknowledged, Call, Input, Output, Routes

routes = Routes("runner", token="build")  # noqa: S106  # a kind of token, not a token
detection = Routes("frameworks")
http.authenticate_with("build", order.authenticate)

Short = Annotated[str, Field(max_length=200)]
Stage = Literal["source", "prepare", "install", "build", "upload"]
REPORT = "build.report"


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
    """What is kept between builds; `url` reads it when it exists."""

    key: str
    paths: list[str]
    url: str | None


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
    cache: CacheView | None
    env: dict[str, str]
    spa: bool
    clean_urls: bool
    warnings: list[str]


class Fault(Output):
    """Why there is no plan."""

    code: str
    message: str
    hint: str


class DetectionView(Output):
    """What a folder is, and why; `inspect` lists the files worth sending."""

    framework: str | None
    name: str | None
    why: list[str]
    install: str | None
    build: str | None
    output: str | None
    warnings: list[str]
    error: Fault | None
    inspect: list[str]


class CacheInput(Input):
    """A cache to save."""

    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
    size: Annotated[int, Field(ge=1, le=5 * 1024**3)]


class SignedRequest(Output):
    """A request to send exactly like this."""

    url: str
    headers: dict[str, str]


class Timings(Input):
    """How long the stages took, in milliseconds."""

    source_ms: int = 0
    install_ms: int = 0
    build_ms: int = 0
    upload_ms: int = 0


class CompleteInput(Input):
    """What was built."""

    framework: Short | None = None
    output: Annotated[str, Field(max_length=1000)]
    files: Annotated[int, Field(ge=0)]
    bytes: Annotated[int, Field(ge=0)]
    cache_hit: bool = False
    timings: Timings = Timings()


class FailInput(Input):
    """Why it was not built."""

    code: Literal[
        "source_failed",
        "source_unreachable",
        "plan_failed",
        "config_invalid",
        "config_too_complex",
        "framework_unknown",
        "framework_not_static",
        "path_outside_root",
        "root_missing",
        "root_not_inspected",
        "install_failed",
        "build_failed",
        "output_missing",
        "output_rejected",
        "upload_failed",
        "log_limit",
        "oom",
        "disk_full",
        "pids_limit",
        "timeout",
        "runner_lost",
        "internal",
    ]
    message: Annotated[str, Field(max_length=4000)]
    hint: Annotated[str, Field(max_length=4000)] = ""
    stage: Stage | None = None
    exit_code: int | None = None


def _post(
    path: str, body: type[Input], answer: type[Output]
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    return routes.post(
        f"/runner/{path}", permission=REPORT, body=body, answer=answer, problems=(409,)
    )


@_post("claim", ClaimInput, ClaimView)
def claim(call: Call) -> ClaimView:
    """Take the build that the token names."""
    taken = report.claim(call.actor.build, call.body.instance)
    row = taken.row
    return ClaimView(
        build=row.id,
        deployment=row.deployment,
        project=ProjectName(id=row.project, slug=row.spec["slug"]),
        deadline_ms=int(row.deadline_ms or 0),
        source=taken.source,
        inspect=inspect_paths(report.root_of(row)),
        env=taken.variables,
        secrets=taken.secrets,
        limits=report.LIMITS,
        upload=FileListRequest(list_url=taken.file_list.url, list_headers=taken.file_list.headers),
    )


@_post("logs", LogInput, LogAnswer)
def logs(call: Call) -> LogAnswer:
    """Keep log lines, or just say that the runner lives."""
    body: LogInput = call.body
    report.log(call.actor.build, body.first, [line.model_dump() for line in body.lines])
    return LogAnswer(state="running")


@_post("source", SourceInput, SourceView)
def source(call: Call) -> SourceView:
    """A page of the uploaded source tree."""
    files, following = report.source_files(call.actor.build, call.body.cursor)
    return SourceView(
        files=[SourceFile(path=p, mode=m, url=u) for p, m, u in files], next=following
    )


@_post("plan", PlanInput, PlanView)
def plan(call: Call) -> PlanView:
    """How to build what the runner found."""
    body: PlanInput = call.body
    try:
        decided = report.plan(
            call.actor.build, body.root_files, {p: f.model_dump() for p, f in body.files.items()}
        )
    except PlanError as error:
        raise Invalid(error.code, error.message, hint=error.hint) from None
    return PlanView.model_validate(decided)


@_post("missing", CursorInput, MissingView)
def missing(call: Call) -> MissingView:
    """Which blobs of the output the store lacks."""
    return missing_view(report.missing(call.actor.build, call.body.cursor))


@_post("cache", CacheInput, SignedRequest)
def cache(call: Call) -> SignedRequest:
    """Where to save the dependency cache."""
    signed = report.cache_request(call.actor.build, call.body.key, call.body.size)
    return SignedRequest(url=signed.url, headers=signed.headers)


@_post("complete", CompleteInput, Acknowledged)
def complete(call: Call) -> Acknowledged:
    """Everything is built and uploaded."""
    report.complete(call.actor.build, call.body.model_dump())
    return Acknowledged()


@_post("fail", FailInput, Acknowledged)
def fail(call: Call) -> Acknowledged:
    """It could not be built."""
    report.fail(call.actor.build, call.body.model_dump())
    return Acknowledged()


@detection.post(
    "/frameworks/detect", permission=http.SIGNED_IN, body=PlanInput, answer=DetectionView
)
def detect_framework(call: Call) -> DetectionView:
    """What a folder is, and why; `inspect` lists the files worth sending."""
    body: PlanInput = call.body
    files = {path: FoundFile(f.sha256, f.text) for path, f in body.files.items()}
    return DetectionView.model_validate(detect_view(Found(body.root_files, files)))
