"""The log of a deployment: lines of its runners, attempt by attempt, then the platform's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from chalicelib.builds import rows
from chalicelib.core import clock
from chalicelib.live import actions as live

MESSAGE_BYTES = 120 * 1024
"""Of lines in one message: API Gateway takes 128 KB, and the longest line has 20,000 characters."""

PER_ATTEMPT = 1_000_000
"""The lines of attempt n are numbered from n million."""

PLATFORM = 900 * PER_ATTEMPT
"""From here on the platform's own lines are numbered."""

SIZE, WAITS, NO_ROOM, MACHINE = -100, -99, -98, -97
AFTER = PER_ATTEMPT - 1_000
"""What the platform says of one attempt: before its runner's first line, which is 1 (that its size
is not the one asked for, that it waits for a slot or its builder has no room, that its machine is
not the one ordered), and after its last. Whoever follows the log asks for what is numbered above
the last line seen, so a line that is said again keeps its number."""


def note(deployment: str, number: int, text: str, stage: str, level: str = "info") -> None:
    """A line of the platform's own after the runner's (numbers from 900 million on)."""
    line = {"t": clock.now_ms(), "level": level, "stage": stage, "text": text}
    tell(deployment, PLATFORM + number, [line])


def say(  # noqa: PLR0917  # a line and its place
    deployment: str, attempt: int, number: int, texts: list[str], stage: str, level: str
) -> None:
    """Lines of the platform's own between those of the runners; SIZE to AFTER are numbers."""
    now = clock.now_ms()
    said = [{"t": now, "level": level, "stage": stage, "text": text} for text in texts]
    tell(deployment, attempt * PER_ATTEMPT + number, said)


def tell(deployment: str, first: int, lines: list[dict[str, Any]]) -> None:
    """Keep lines and send them to whoever watches."""
    rows.put_lines(deployment, first, lines)
    numbered = [{"n": first + i, **line} for i, line in enumerate(lines)]
    for message in messages(deployment, numbered):
        live.tell(deployment, partial(dict, message))


def messages(deployment: str, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Numbered lines as the messages in which they are sent, each small enough to be taken."""
    part: list[dict[str, Any]] = []
    size = 0
    for line in lines:
        length = len(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace")) + 1
        if part and size + length > MESSAGE_BYTES:
            yield {"type": "log", "deployment": deployment, "lines": part}
            part, size = [], 0
        part.append(line)
        size += length
    if part:
        yield {"type": "log", "deployment": deployment, "lines": part}


def after(deployment: str, number: int, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` log lines numbered above `number`."""
    found = []
    for line in rows.lines_after(deployment, number):
        found.append(line)
        if len(found) >= limit:
            break
    return found
