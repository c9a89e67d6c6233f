"""The route of a deployment's build."""

from __future__ import annotations

from typing import Any, Literal

from chalicelib.builds.routes.shapes import PlanView, SaidView, ScopeView
from chalicelib.core.http import Call, Output, Routes
from chalicelib.deployments.actions import built

routes = Routes("builds")


class StepRan(Output):
    """How a step went; `allowed` failed, and may."""

    name: str
    stage: str
    ms: int
    exit_code: int | None
    outcome: Literal["ok", "failed", "allowed", "skipped"]


class TestFailed(Output):
    """A test that did not pass."""

    name: str
    message: str


class TestsRan(Output):
    """What the test reports of a step came to."""

    step: str
    tests: int
    failures: int
    errors: int
    skipped: int
    ms: int
    failed: list[TestFailed]


class CacheUsed(Output):
    """What became of a cache: `rejected` was not what had been saved, `off` may not be used."""

    kind: str
    state: Literal["exact", "hit", "miss", "rejected", "off"]
    bytes: int
    ms: int


class SecretFound(Output):
    """Something secret in the output; never its value."""

    path: str
    line: int
    kind: str
    value_of: str | None


class Versions(Output):
    """Which programs ran."""

    node: str | None
    python: str | None


class Machine(Output):
    """What built it: the version of the agent and what its sandbox protects from."""

    version: str
    sandbox: list[str]


class BuildView(Output):
    """A build: how it was planned, how it went, and what caches saved."""

    id: str | None
    state: Literal["none", "queued", "running", "finished", "restored"]
    outcome: str | None
    attempt: int
    size: str | None
    queued_ms: int | None
    ms: int | None
    machine: Machine | None
    plan: PlanView | None
    steps: list[StepRan]
    tests: list[TestsRan]
    caches: list[CacheUsed]
    findings: list[SecretFound]
    timings: dict[str, int]
    versions: Versions | None
    scope: ScopeView | None
    report: list[SaidView]
    restored: str | None
    saved_ms: int
    hit_rate: float | None


@routes.get(
    "/deployments/{deployment}/build",
    permission="deployment.read",
    scope="deployment",
    answer=BuildView,
)
def get_build(call: Call) -> BuildView:
    """How a deployment was built: steps, tests, caches, and the time they took and saved."""
    content: dict[str, Any] = built.view(call.scope)
    lists = ("steps", "tests", "caches", "findings")
    told = {name: content[name] or [] for name in lists}
    return BuildView.model_validate({**content, **told, "timings": content["timings"] or {}})
