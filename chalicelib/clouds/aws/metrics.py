"""What AWS counted: CloudWatch metrics of distributions and functions, as series of numbers.

CloudFront's are in us-east-1 whatever the region of the installation; its hit rate is one of the
"additional metrics" that an account pays for. Source: "Metrics for CloudFront" and "Types of
metrics for Lambda functions" in AWS's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal

from chalicelib.clouds.aws.session import client, code_of

EDGE_REGION = "us-east-1"
QUERIES = 500
"""Metrics that one call may ask for."""

Statistic = Literal["Sum", "Average", "Maximum", "Minimum", "SampleCount", "p50", "p95", "p99"]

_AWAY = {"Throttling", "ThrottlingException", "InternalServiceError", "InternalServiceFault"}


@dataclass(frozen=True)
class Metric:
    """One metric: `name` is what the caller calls it, the rest is CloudWatch's."""

    name: str
    namespace: str
    metric: str
    statistic: Statistic
    unit: str
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Series:
    """What one metric was: (milliseconds since 1970, value), the oldest first.

    Moments without data are left out. `complete` is False when CloudWatch could not say all.
    """

    metric: Metric
    points: list[tuple[int, float]] = field(default_factory=list)
    complete: bool = True


def of_distribution(distribution: str) -> tuple[Metric, ...]:
    """Requests, bytes sent, rates of errors and of hits (in percent) of a distribution."""
    where = (("DistributionId", distribution), ("Region", "Global"))
    wanted: tuple[tuple[str, str, Statistic, str], ...] = (
        ("requests", "Requests", "Sum", "count"),
        ("bytes", "BytesDownloaded", "Sum", "bytes"),
        ("errors_4xx", "4xxErrorRate", "Average", "percent"),
        ("errors_5xx", "5xxErrorRate", "Average", "percent"),
        ("hits", "CacheHitRate", "Average", "percent"),
    )
    return tuple(Metric(n, "AWS/CloudFront", m, s, u, where) for n, m, s, u in wanted)


def of_function(function: str, alias: str = "") -> tuple[Metric, ...]:
    """Invocations, errors, throttles and durations (milliseconds) of a function or its alias."""
    where: tuple[tuple[str, str], ...] = (("FunctionName", function),)
    if alias:
        where += (("Resource", f"{function}:{alias}"),)
    wanted: tuple[tuple[str, str, Statistic, str], ...] = (
        ("invocations", "Invocations", "Sum", "count"),
        ("errors", "Errors", "Sum", "count"),
        ("throttles", "Throttles", "Sum", "count"),
        ("duration", "Duration", "Average", "milliseconds"),
        ("duration_p95", "Duration", "p95", "milliseconds"),
    )
    return tuple(Metric(n, "AWS/Lambda", m, s, u, where) for n, m, s, u in wanted)


class CloudWatchMetrics:
    """The metrics of a region; for those of CloudFront that is EDGE_REGION."""

    def __init__(self, region: str) -> None:
        self._region = region

    def read(
        self, metrics: Sequence[Metric], start_ms: int, end_ms: int, period_seconds: int
    ) -> list[Series]:
        """A series for each metric, in the order asked for; from `start_ms` on, before `end_ms`.

        `period_seconds` is a multiple of 60. Raises ValueError for other periods, OSError when
        CloudWatch does not answer, RuntimeError when it refuses.
        """
        if period_seconds < 60 or period_seconds % 60:
            raise ValueError(f"a period is a multiple of 60 seconds, not {period_seconds}")
        found = []
        rest = iter(metrics)
        while batch := list(islice(rest, QUERIES)):
            found += self._batch(batch, _moment(start_ms), _moment(end_ms), period_seconds)
        return found

    def _batch(
        self, metrics: list[Metric], start: datetime, end: datetime, period: int
    ) -> list[Series]:
        queries = [_query(number, metric, period) for number, metric in enumerate(metrics)]
        points: dict[str, dict[int, float]] = {query["Id"]: {} for query in queries}
        states: dict[str, str] = {}
        for page in self._pages(MetricDataQueries=queries, StartTime=start, EndTime=end):
            for result in page.get("MetricDataResults", []):
                moments = (int(at.timestamp() * 1000) for at in result.get("Timestamps", []))
                points[result["Id"]].update(zip(moments, result.get("Values", []), strict=True))
                # a result goes on as PartialData over pages, and ends as Complete
                states[result["Id"]] = result.get("StatusCode", "Complete")
        return [
            Series(metric, sorted(points[q["Id"]].items()), states.get(q["Id"]) == "Complete")
            for q, metric in zip(queries, metrics, strict=True)
        ]

    def _pages(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        from botocore.exceptions import BotoCoreError, ClientError

        call = client("cloudwatch", self._region).get_metric_data
        more: dict[str, str] = {}
        while True:
            try:
                page = call(**arguments, ScanBy="TimestampAscending", **more)
            except ClientError as error:
                if code_of(error) in _AWAY:
                    raise OSError(f"CloudWatch does not answer: {code_of(error)}") from error
                raise RuntimeError(f"CloudWatch refused: {error}") from error
            except BotoCoreError as error:
                raise OSError(f"CloudWatch does not answer: {error}") from error
            yield page
            if not page.get("NextToken"):
                return
            more = {"NextToken": page["NextToken"]}


def _query(number: int, metric: Metric, period: int) -> dict[str, Any]:
    return {
        "Id": f"m{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.metric,
                "Dimensions": [{"Name": n, "Value": v} for n, v in metric.dimensions],
            },
            "Period": period,
            "Stat": metric.statistic,
        },
        "ReturnData": True,
    }


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
