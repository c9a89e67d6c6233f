"""What visitors of a project did, for people."""

from __future__ import annotations

from typing import Literal

from chalicelib.core import clock
from chalicelib.core.http import Call, Input, Output, Routes
from chalicelib.traffic import actions
from chalicelib.traffic.rules.counts import Counts
from chalicelib.traffic.rules.series import Range

routes = Routes("traffic")

Kind = Literal["live", "preview"]


class AskTraffic(Input):
    """How far back, and of which addresses."""

    range: Range = "24h"
    kind: Kind = "live"


class CacheView(Output):
    """Answers out of a cache, and all others."""

    hit: int
    miss: int


class CountsView(Output):
    """What was answered; times are upper bounds, null without any answer."""

    requests: int
    bytes: int
    status: dict[Literal["2xx", "3xx", "4xx", "5xx"], int]
    cache: CacheView
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class StepView(CountsView):
    """What was answered in the step that begins `at`."""

    at: str


class DeploymentTrafficView(CountsView):
    """What one deployment answered."""

    deployment: str


class TrafficView(Output):
    """What visitors did; `series` has every step, `deployments` whoever answered most first."""

    range: Range
    step_seconds: int
    since: str
    until: str
    kind: Kind
    totals: CountsView
    series: list[StepView]
    deployments: list[DeploymentTrafficView]


@routes.get(
    "/projects/{project}/traffic",
    permission="deployment.read",
    scope="project",
    query=AskTraffic,
    answer=TrafficView,
)
def get(call: Call) -> TrafficView:
    """Requests, statuses, cache and times of a project's site, or of its previews."""
    asked: AskTraffic = call.query
    call.scope.member.in_environment("production" if asked.kind == "live" else "preview")
    span, seen = actions.seen(call.scope.id, asked.range, asked.kind)
    most = sorted(seen.deployments.items(), key=lambda one: (-one[1].requests, one[0]))
    return TrafficView(
        range=asked.range,
        step_seconds=span.step,
        since=clock.iso(span.since),
        until=clock.iso(span.until),
        kind=asked.kind,
        totals=_counts(seen.totals),
        series=[
            StepView(at=clock.iso(at), **vars(_counts(seen.steps.get(at, Counts()))))
            for at in span.starts
        ],
        deployments=[
            DeploymentTrafficView(deployment=one, **vars(_counts(counted))) for one, counted in most
        ],
    )


def _counts(counted: Counts) -> CountsView:
    return CountsView(
        requests=counted.requests,
        bytes=counted.bytes,
        status={"2xx": counted.s2, "3xx": counted.s3, "4xx": counted.s4, "5xx": counted.s5},
        cache=CacheView(hit=counted.hits, miss=max(0, counted.requests - counted.hits)),
        p50_ms=counted.quantile_ms(0.5),
        p95_ms=counted.quantile_ms(0.95),
        p99_ms=counted.quantile_ms(0.99),
    )
