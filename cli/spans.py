"""Spans of time as people write them."""

from __future__ import annotations

import re

from cli.errors import UserError

_SPAN = re.compile(r"([0-9]{1,8})([smhd]?)\Z")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(text: str) -> int:
    """Seconds of a span such as `30s`, `5m`, `12h`, `7d`, or of a bare number of seconds."""
    found = _SPAN.match(text.strip())
    if found is None:
        raise UserError(
            "bad_span", f"{text!r} is no span of time.", "Write it as 30s, 5m, 12h or 7d."
        )
    return int(found[1]) * _SECONDS[found[2]]


def span_of(seconds: int) -> str:
    """A number of seconds in its largest whole unit."""
    for unit in ("d", "h", "m"):
        size = _SECONDS[unit]
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
