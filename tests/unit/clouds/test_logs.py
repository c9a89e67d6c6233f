"""CloudWatch Logs as botocore describes it: pages, ends, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from chalicelib.clouds.aws import logs, session
from chalicelib.clouds.aws.logs import CloudWatchLogs, LogLine

REGION = "us-east-1"


@pytest.fixture
def stub() -> Iterator[Stubber]:
    session.client.cache_clear()
    with Stubber(session.client("logs", REGION)) as made:
        yield made
        made.assert_no_pending_responses()
    session.client.cache_clear()


def events(*texts: str) -> list[dict[str, Any]]:
    return [{"timestamp": 5, "message": text + "\n", "ingestionTime": 6} for text in texts]


def asked(limit: int, **more: str) -> dict[str, Any]:
    place = {"logGroupName": "g", "logStreamName": "s", "startFromHead": False}
    return {**place, "limit": limit, **more}


def test_the_tail_of_a_stream_over_pages(stub: Stubber) -> None:
    stub.add_response(
        "get_log_events", {"events": events("c", "d"), "nextBackwardToken": "b1"}, asked(3)
    )
    stub.add_response(
        "get_log_events",
        {"events": events("a", "b"), "nextBackwardToken": "b2"},
        asked(1, nextToken="b1"),
    )
    found = CloudWatchLogs(REGION).tail("g", "s", 3)
    assert found == [LogLine(5, text, "s") for text in ("b", "c", "d")]


def test_a_short_stream_ends_where_its_token_stays(stub: Stubber) -> None:
    page = {"events": events("a"), "nextBackwardToken": "b1"}
    stub.add_response("get_log_events", page, asked(9))
    stub.add_response(
        "get_log_events", {"events": [], "nextBackwardToken": "b1"}, asked(8, nextToken="b1")
    )
    assert [line.text for line in CloudWatchLogs(REGION).tail("g", "s", 9)] == ["a"]


def test_what_is_not_there_has_no_lines(stub: Stubber) -> None:
    stub.add_client_error("get_log_events", "ResourceNotFoundException")
    stub.add_client_error("filter_log_events", "ResourceNotFoundException")
    assert CloudWatchLogs(REGION).tail("g", "s", 5) == []
    assert list(CloudWatchLogs(REGION).since("g", 0)) == []


def test_lines_of_a_group_since_a_moment(stub: Stubber) -> None:
    wanted = {"logGroupName": "g", "startTime": 10, "endTime": 19, "limit": logs.PAGE}
    wanted["filterPattern"] = "ERROR"
    first = [{"timestamp": 11, "message": "x", "logStreamName": "one"}]
    stub.add_response("filter_log_events", {"events": first, "nextToken": "n"}, wanted)
    stub.add_response("filter_log_events", {"nextToken": "m"}, {**wanted, "nextToken": "n"})
    last = [{"timestamp": 12, "message": "y", "logStreamName": "two"}]
    stub.add_response("filter_log_events", {"events": last}, {**wanted, "nextToken": "m"})
    found = list(CloudWatchLogs(REGION).since("g", 10, end_ms=20, pattern="ERROR"))
    assert found == [LogLine(11, "x", "one"), LogLine(12, "y", "two")]


def test_pages_have_an_end(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "PAGES", 2)
    for _ in range(2):
        stub.add_response("filter_log_events", {"nextToken": "again"})
    assert list(CloudWatchLogs(REGION).since("g", 0)) == []


@pytest.mark.parametrize(
    ("code", "error"), [("ThrottlingException", OSError), ("AccessDeniedException", RuntimeError)]
)
def test_refusals(stub: Stubber, code: str, error: type[Exception]) -> None:
    stub.add_client_error("get_log_events", code)
    with pytest.raises(error, match="CloudWatch Logs"):
        CloudWatchLogs(REGION).tail("g", "s", 1)


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        def get_log_events(self, **_: Any) -> None:
            raise EndpointConnectionError(endpoint_url="x")

    monkeypatch.setattr(logs, "client", lambda *_: Gone())
    with pytest.raises(OSError, match="does not answer"):
        CloudWatchLogs(REGION).tail("g", "s", 1)
