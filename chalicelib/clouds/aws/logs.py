"""What machines and functions logged: CloudWatch Logs, read a stream or a group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.clouds.aws.session import client, code_of

PAGE = 10_000
"""Events that one answer may hold; CloudWatch also ends a page at 1 MB."""

PAGES = 50
"""Answers that are asked for at most: a filter may answer many empty ones."""

_AWAY = {"ThrottlingException", "ServiceUnavailableException", "InternalFailure"}


@dataclass(frozen=True)
class LogLine:
    """One event: when it was logged, in milliseconds since 1970, and what it says."""

    t: int
    text: str
    stream: str = ""


class CloudWatchLogs:
    """The logs of a region. A group or stream that is not there has no lines.

    Every method raises OSError when CloudWatch does not answer, RuntimeError when it refuses.
    """

    def __init__(self, region: str) -> None:
        self._region = region

    def tail(self, group: str, stream: str, lines: int) -> list[LogLine]:
        """The last `lines` lines of a stream, the oldest first."""
        found: list[LogLine] = []
        more: dict[str, str] = {}
        for _ in range(PAGES):
            answer = self._call(
                "get_log_events",
                logGroupName=group,
                logStreamName=stream,
                startFromHead=False,
                limit=min(max(lines - len(found), 1), PAGE),
                **more,
            )
            events = answer.get("events", [])
            found = [_line(event, stream) for event in events] + found
            token = answer.get("nextBackwardToken")
            # the token of the last page is the one that was given
            if len(found) >= lines or not token or token == more.get("nextToken"):
                break
            more = {"nextToken": token}
        return found[-lines:] if lines > 0 else []

    def since(
        self, group: str, start_ms: int, *, end_ms: int | None = None, pattern: str = ""
    ) -> Iterator[LogLine]:
        """Lines of all streams of a group from `start_ms` on, before `end_ms`.

        `pattern` is CloudWatch's filter language. Lines come in the order in which CloudWatch
        has them, which is by time within a page.
        """
        more: dict[str, Any] = {}
        if end_ms is not None:
            more["endTime"] = end_ms - 1  # CloudWatch includes the end
        if pattern:
            more["filterPattern"] = pattern
        for _ in range(PAGES):
            answer = self._call(
                "filter_log_events", logGroupName=group, startTime=start_ms, limit=PAGE, **more
            )
            for event in answer.get("events", []):
                yield _line(event, event.get("logStreamName", ""))
            if not answer.get("nextToken"):
                return
            more["nextToken"] = answer["nextToken"]

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return dict(getattr(client("logs", self._region), operation)(**arguments))
        except ClientError as error:
            code = code_of(error)
            if code == "ResourceNotFoundException":
                return {}
            if code in _AWAY:
                raise OSError(f"CloudWatch Logs does not answer: {code}") from error
            raise RuntimeError(f"CloudWatch Logs refused: {error}") from error
        except BotoCoreError as error:
            raise OSError(f"CloudWatch Logs does not answer: {error}") from error


def _line(event: dict[str, Any], stream: str) -> LogLine:
    return LogLine(int(event.get("timestamp", 0)), str(event.get("message", "")).rstrip(), stream)
