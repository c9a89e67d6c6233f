"""What somebody is woken for. An alarm costs 0.10 dollars a month, ten are free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch

from cdk import metrics, queues
from cdk.names import Names
from chalicelib import resources

_MISSING = cloudwatch.TreatMissingData


@dataclass(frozen=True)
class Alarm:
    """Rings when `metric` is above `above` in `of` of the last `of` periods.

    `what` names it; `say` is what the mail tells whoever reads it at night.
    """

    what: str
    say: str
    metric: cloudwatch.IMetric
    above: float = 0
    of: int = 1
    silence_rings: bool = False


def alarms(names: Names) -> list[Alarm]:
    """The alarms of the profile: a hobby has what was lost, production everything."""
    profile = names.of.profile
    found = [*_lost(names)]
    if profile in {"standard", "production"}:
        found += _work(names)
    if profile == "production":
        found += _quality(names)
    return found


def _lost(names: Names) -> Iterator[Alarm]:
    """Work that nobody will do any more unless a person looks."""
    for queue in queues.dead_letters(names):
        yield Alarm(
            f"{queue.removesuffix('.fifo').removeprefix(names.of.prefix + '-')}",
            f"Messages ended in {queue}. See docs/operate.md, lost messages.",
            metrics.waiting(queue),
        )
    for machine in resources.MACHINES:
        yield Alarm(
            f"{machine.name}-failed",
            "An execution ended by a fault of the platform. The sweep starts it again, up to"
            " eight times; look at the deployment if this rings twice.",
            metrics.machine(names, machine.name, "ExecutionsFailed"),
        )


def _work(names: Names) -> Iterator[Alarm]:
    """The platform does not do its work."""
    yield Alarm(
        "api-errors",
        "The API answered 5xx at least ten times in five minutes.",
        metrics.api(names, "5XXError", "Sum"),
        above=9,
    )
    yield Alarm(
        "sweep-silent",
        "The sweep did not run: what gets lost now stays lost.",
        cloudwatch.MathExpression(
            expression="IF(runs > 0, 0, 1)",
            label="periods without a sweep",
            period=metrics.PERIOD,
            using_metrics={"runs": metrics.function(names, "sweep", "Invocations")},
        ),
        of=2,
        silence_rings=True,
    )
    yield Alarm(
        "core-throttled",
        "DynamoDB refused writes to the table core.",
        metrics.table(names, "core", "WriteThrottleEvents"),
        above=10,
    )
    for stream in resources.STREAMS:
        yield Alarm(
            f"{stream.name}-late",
            "Changes of routes wait for more than five minutes: visitors see old deployments.",
            metrics.oldest(names.queue(stream.name, fifo=True)),
            above=300,
        )


def _quality(names: Names) -> Iterator[Alarm]:
    """It works, but not as it should."""
    yield Alarm(
        "api-slow",
        "One of twenty requests to the API takes more than two seconds.",
        metrics.api(names, "Latency", "p95"),
        above=2000,
        of=3,
    )
    for spec in resources.FUNCTIONS:
        yield Alarm(
            f"{spec.name}-errors",
            f"The function {names.name(spec.name)} raised; its log says why.",
            metrics.function(names, spec.name, "Errors"),
            above=2,
        )
    for what in ("api", *(spec.name for spec in resources.FUNCTIONS)):
        yield Alarm(
            f"{what}-throttled",
            "Lambda refused calls: the account's concurrency is used up.",
            metrics.function(names, what, "Throttles"),
        )
    yield Alarm(
        "builds-queued",
        "Builds wait for more than two minutes: raise CodeBuild's quota.",
        metrics.builds(names, "QueuedDuration", "Maximum"),
        above=120,
    )


def missing_data(alarm: Alarm) -> cloudwatch.TreatMissingData:
    """Most metrics exist only while something goes wrong."""
    return _MISSING.BREACHING if alarm.silence_rings else _MISSING.NOT_BREACHING
