"""A build machine has ended: did its runner say how? Told by the cloud, once or several times."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.builds import rows
from chalicelib.builds.actions import loglines, order
from chalicelib.builds.rows import Build

LONGEST = 500
"""Characters of a line of the machine's log that are kept."""

_SECRETS = (
    (re.compile(r"cdr_[0-9a-z]{26}_[0-9a-f]+"), "***"),
    (re.compile(r"(X-Amz-(?:Signature|Security-Token|Credential))=[^&\s\"']+"), r"\1=***"),
)


@dataclass(frozen=True)
class End:
    """How a machine ended: `why` in words; `timed_out` when the build itself took too long."""

    order: str
    why: str
    timed_out: bool = False


def ended(end: End, log: Callable[[], list[str]]) -> str:
    """Close or replace a build whose machine ended without a word of its runner.

    `log` reads the last lines of the machine's own log; they go into the build's. Answers
    `ignored` for orders that are unknown, over or replaced, else `lost` or `timeout`.
    """
    row = _unfinished(end.order)
    if row is None:
        return "ignored"
    lines = [_clean(line) for line in (f"The build machine ended: {end.why}.", *log())]
    loglines.say(row.deployment, int(row.attempt), loglines.AFTER, lines, "build", "error")
    if end.timed_out:
        order.finish(row, "failed", error=order.timeout(row))
        return "timeout"
    order.lose(row, _clean(end.why))
    return "lost"


def _unfinished(name: str) -> Build | None:
    row = rows.get(name.partition("-")[0])
    if row is None or row.state == "finished" or order.order_id(row) != name:
        return None
    return row


def _clean(line: str) -> str:
    for pattern, instead in _SECRETS:
        line = pattern.sub(instead, line)
    return line.strip()[:LONGEST]
