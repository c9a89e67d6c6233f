"""CloudWatch metrics as botocore describes them: pages, batches, gaps, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import ANY, Stubber

from chalicelib.clouds.aws import metrics, session
from chalicelib.clouds.aws.metrics import CloudWatchMetrics, of_distribution, of_function

REGION = "us-east-1"
HOUR = 3_600_000


@pytest.fixture
def stub() -> Iterator[Stubber]:
    session.client.cache_clear()
    with Stubber(session.client("cloudwatch", REGION)) as made:
        yield made
        made.assert_no_pending_responses()
    session.client.cache_clear()


def at(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def result(number: int, state: str = "Complete", **points: float) -> dict[str, Any]:
    moments = [int(name[1:]) for name in points]
    return {
        "Id": f"m{number}",
        "Timestamps": [at(moment * 60_000) for moment in moments],
        "Values": list(points.values()),
        "StatusCode": state,
    }


def test_a_distribution_over_two_pages(stub: Stubber) -> None:
    wanted = {
        "MetricDataQueries": ANY,
        "StartTime": at(0),
        "EndTime": at(HOUR),
        "ScanBy": "TimestampAscending",
    }
    first = [result(0, "PartialData", t2=7.0, t1=5.0), result(3, t1=0.5)]
    stub.add_response("get_metric_data", {"MetricDataResults": first, "NextToken": "n"}, wanted)
    last = [result(0, t3=9.0)]
    stub.add_response("get_metric_data", {"MetricDataResults": last}, {**wanted, "NextToken": "n"})
    asked = of_distribution("E123")
    found = CloudWatchMetrics(REGION).read(asked, 0, HOUR, 60)
    assert [series.metric for series in found] == list(asked)
    assert [series.metric.name for series in found] == [
        "requests",
        "bytes",
        "errors_4xx",
        "errors_5xx",
        "hits",
    ]
    assert found[0].points == [(60_000, 5.0), (120_000, 7.0), (180_000, 9.0)]
    assert found[0].complete
    assert found[3].points == [(60_000, 0.5)]
    assert found[1].points == []
    assert not found[1].complete


def test_what_is_asked_for(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    def query(number: int, metric: str, stat: str, *dimensions: tuple[str, str]) -> dict[str, Any]:
        of = [{"Name": name, "Value": value} for name, value in dimensions]
        named = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": of}
        asked = {"Metric": named, "Period": 300, "Stat": stat}
        return {"Id": f"m{number}", "MetricStat": asked, "ReturnData": True}

    where = (("FunctionName", "f"), ("Resource", "f:live"))
    names = (
        ("Invocations", "Sum"),
        ("Errors", "Sum"),
        ("Throttles", "Sum"),
        ("Duration", "Average"),
        ("Duration", "p95"),
    )
    wanted = [query(n, metric, stat, *where) for n, (metric, stat) in enumerate(names)]
    arguments = {"MetricDataQueries": wanted, "StartTime": at(0), "EndTime": at(HOUR)}
    arguments["ScanBy"] = "TimestampAscending"
    stub.add_response("get_metric_data", {"MetricDataResults": []}, arguments)
    CloudWatchMetrics(REGION).read(of_function("f", "live"), 0, HOUR, 300)
    assert dict(of_function("f")[0].dimensions) == {"FunctionName": "f"}


def test_more_than_one_call_may_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    class Counting:
        def get_metric_data(self, **asked: Any) -> dict[str, Any]:
            queries = asked["MetricDataQueries"]
            sizes.append(len(queries))
            moment = [at(60_000)]
            return {
                "MetricDataResults": [
                    {"Id": query["Id"], "Timestamps": moment, "Values": [len(sizes)]}
                    for query in queries
                ]
            }

    monkeypatch.setattr(metrics, "client", lambda *_: Counting())
    asked = [metric for number in range(241) for metric in of_function(f"f{number}")]
    found = CloudWatchMetrics(REGION).read(asked, 0, HOUR, 60)
    assert sizes == [500, 500, 205]
    assert [series.metric for series in found] == asked
    assert found[499].points == [(60_000, 1)]
    assert found[500].points == [(60_000, 2)]
    assert CloudWatchMetrics(REGION).read([], 0, HOUR, 60) == []


@pytest.mark.parametrize("period", [0, 1, 59, 61, -60])
def test_periods_are_whole_minutes(period: int) -> None:
    with pytest.raises(ValueError, match="multiple of 60"):
        CloudWatchMetrics(REGION).read(of_function("f"), 0, HOUR, period)


@pytest.mark.parametrize(
    ("code", "error"), [("Throttling", OSError), ("AccessDenied", RuntimeError)]
)
def test_refusals(stub: Stubber, code: str, error: type[Exception]) -> None:
    stub.add_client_error("get_metric_data", code)
    with pytest.raises(error, match="CloudWatch"):
        CloudWatchMetrics(REGION).read(of_function("f"), 0, HOUR, 60)


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def get_metric_data(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="x")

    monkeypatch.setattr(metrics, "client", lambda *_: Gone())
    with pytest.raises(OSError, match="does not answer"):
        CloudWatchMetrics(REGION).read(of_function("f"), 0, HOUR, 60)


def test_moto_answers_what_was_put() -> None:
    """The whole way through a pretended CloudWatch, requests and answers on the wire."""
    import boto3
    from moto import mock_aws

    session.client.cache_clear()
    now = int(datetime.now(UTC).timestamp() // 60 * 60)
    with mock_aws():
        cloudwatch = boto3.client("cloudwatch", region_name=REGION)
        for value in (2.0, 3.0):
            cloudwatch.put_metric_data(
                Namespace="AWS/Lambda",
                MetricData=[
                    {
                        "MetricName": "Invocations",
                        "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
                        "Timestamp": datetime.fromtimestamp(now, UTC),
                        "Value": value,
                    }
                ],
            )
        wanted = of_function("f")[:1]
        [found] = CloudWatchMetrics(REGION).read(wanted, (now - 60) * 1000, (now + 60) * 1000, 60)
    session.client.cache_clear()
    assert found.points == [(now * 1000, 5.0)]
