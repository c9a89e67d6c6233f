"""The runner API: what a build machine may say, with a build token and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.artifacts.routes import CursorInput, MissingView, missing_view
from chalicelib.builds.actions import caches, report, tokens
from chalicelib.builds.routes.shapes import (
    CacheInput,
    ClaimInput,
    ClaimView,
    DetectInput,
    DetectionView,
    FileListRequest,
    LogAnswer,
    LogInput,
    PlanInput,
    PlanView,
    ProjectName,
    SavedInput,
    SignedRequest,
    SourceFile,
    SourceInput,
    SourceView,
)
from chalicelib.builds.routes.told import CompleteInput, FailInput, Told
from chalicelib.builds.rules.detect import detect_view
from chalicelib.builds.rules.model import Found, FoundFile, PlanError, Settings
from chalicelib.builds.rules.paths import inspect_paths
from chalicelib.builds.rules.plan import Where
from chalicelib.core import http
from chalicelib.core.errors import Invalid
from chalicelib.core.http import Acknowledged, Call, Input, Output, Routes
from chalicelib.projects.rules.settings import gate

routes = Routes("runner", token="build")  # noqa: S106  # a kind of token, not a token
detection = Routes("frameworks")
http.authenticate_with("build", tokens.authenticate)

REPORT = "build.report"


def _post(
    path: str, body: type[Input], answer: type[Output]
) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
    return routes.post(
        f"/runner/{path}", permission=REPORT, body=body, answer=answer, problems=(409,)
    )


@_post("claim", ClaimInput, ClaimView)
def claim(call: Call) -> ClaimView:
    """Take the build that the token names."""
    machine = call.body.model_dump(include={"version", "sandbox"})
    taken = report.claim(call.actor.build, call.body.instance, machine)
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
        gate=gate(row.spec.get("settings")).secrets,
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
    """Where to save an archive for later builds."""
    signed = caches.request(call.actor.build, _archive(call.body))
    return SignedRequest(url=signed.url, headers=signed.headers)


@_post("cache_saved", SavedInput, Acknowledged)
def cache_saved(call: Call) -> Acknowledged:
    """The archive is there."""
    caches.saved(call.actor.build, _archive(call.body), call.body.install_ms)
    return Acknowledged()


def _archive(body: CacheInput) -> caches.Archive:
    return caches.Archive(body.kind, body.key, body.sha256, body.size)


@_post("complete", CompleteInput, Acknowledged)
def complete(call: Call) -> Acknowledged:
    """Everything is built and uploaded."""
    report.complete(call.actor.build, call.body.model_dump())
    return Acknowledged()


@_post("fail", FailInput, Acknowledged)
def fail(call: Call) -> Acknowledged:
    """It could not be built."""
    body: FailInput = call.body
    error = body.model_dump(include={"code", "message", "hint", "stage", "exit_code"})
    report.fail(call.actor.build, error, body.model_dump(include=set(Told.model_fields)))
    return Acknowledged()


@detection.post(
    "/frameworks/detect",
    permission=http.SIGNED_IN,
    body=DetectInput,
    answer=DetectionView,
    limit="expensive",
    audited=False,
)
def detect_framework(call: Call) -> DetectionView:
    """What a folder is, and why; `inspect` lists the files worth sending."""
    body: DetectInput = call.body
    files = {path: FoundFile(f.sha256, f.text) for path, f in body.files.items()}
    return DetectionView.model_validate(
        detect_view(
            Found(body.root_files, files),
            Settings(root=body.root),
            Where(body.environment, body.branch, body.pull),
        )
    )
