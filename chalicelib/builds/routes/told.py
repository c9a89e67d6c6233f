"""What a runner reports of a build at its end. It ran a stranger's code: all of it is bounded."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from chalicelib.builds.routes.shapes import Short, Stage
from chalicelib.core.http import Input

Count = Annotated[int, Field(ge=0, le=10**9)]
Milliseconds = Annotated[int, Field(ge=0, le=7 * 86_400_000)]
Name = Annotated[str, Field(max_length=300)]


class Timings(Input):
    """How long the stages took."""

    source_ms: Milliseconds = 0
    install_ms: Milliseconds = 0
    check_ms: Milliseconds = 0
    build_ms: Milliseconds = 0
    upload_ms: Milliseconds = 0


class StepTold(Input):
    """How a step went; `allowed` failed, and may."""

    name: Name
    stage: Stage
    ms: Milliseconds
    exit_code: Annotated[int, Field(ge=-1000, le=1000)] | None = None
    outcome: Literal["ok", "failed", "allowed", "skipped"]


class FailedTest(Input):
    """A test that did not pass."""

    name: Name
    message: Annotated[str, Field(max_length=1000)] = ""


class TestsTold(Input):
    """What the test reports of a step came to."""

    step: Name
    tests: Count
    failures: Count
    errors: Count
    skipped: Count
    ms: Milliseconds
    failed: Annotated[list[FailedTest], Field(max_length=50, default_factory=list)]


class CacheTold(Input):
    """What became of a cache."""

    kind: Literal["dependencies", "framework"]
    state: Literal["exact", "hit", "miss", "rejected", "off"]
    bytes: Annotated[int, Field(ge=0, le=1 << 50)] = 0
    ms: Milliseconds = 0


class Finding(Input):
    """Something secret in the output: where, of what kind, which variable's; never the value."""

    path: Annotated[str, Field(max_length=1024)]
    line: Count = 0
    kind: Name
    value_of: Annotated[str, Field(max_length=128)] | None = None


class VersionsTold(Input):
    """Which programs ran."""

    node: Annotated[str, Field(max_length=40)] | None = None
    python: Annotated[str, Field(max_length=40)] | None = None


class Told(Input):
    """What there is to tell of every build, however it ended."""

    timings: Timings = Timings()
    steps: Annotated[list[StepTold], Field(max_length=200, default_factory=list)]
    tests: Annotated[list[TestsTold], Field(max_length=200, default_factory=list)]
    caches: Annotated[list[CacheTold], Field(max_length=4, default_factory=list)]
    findings: Annotated[list[Finding], Field(max_length=100, default_factory=list)]
    versions: VersionsTold = VersionsTold()


class CompleteInput(Told):
    """What was built."""

    framework: Short | None = None
    output: Annotated[str, Field(max_length=1000)]
    files: Annotated[int, Field(ge=0)]
    bytes: Annotated[int, Field(ge=0)]
    cache_hit: bool = False


class FailInput(Told):
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
        "check_failed",
        "output_missing",
        "output_rejected",
        "secret_in_output",
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
