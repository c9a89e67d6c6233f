"""Patterns read the slow and obvious way: every division of a path is tried."""

from __future__ import annotations

from collections.abc import Iterator


def fits(pattern: list[str], path: str) -> list[str] | None:
    """What the placeholders of a pattern hold, the first division that fits; None when none does.

    A pattern is a list of segments, each a text, `:x`, `a:xb`, `*`, `+` or `a*b`.
    """
    inner = path.strip("/")
    segments = inner.split("/") if inner else []
    return next(_divisions(pattern, segments), None)


def _divisions(pattern: list[str], segments: list[str]) -> Iterator[list[str]]:
    if not pattern:
        if not segments:
            yield []
        return
    first, rest = pattern[0], pattern[1:]
    if "*" in first or first == "+":
        for count in range(len(segments) + 1):
            held = _span(first, "/".join(segments[:count]), count)
            if held is not None:
                yield from ([held, *more] for more in _divisions(rest, segments[count:]))
        return
    if segments:
        for held in _segment(first, segments[0]):
            yield from ([*held, *more] for more in _divisions(rest, segments[1:]))


def _span(part: str, text: str, count: int) -> str | None:
    if part == "*":
        return text
    if part == "+":
        return text if count else None
    before, _, after = part.partition("*")
    if not count or len(text) < len(before) + len(after):
        return None
    if not text.startswith(before) or not text.endswith(after):
        return None
    return text[len(before) : len(text) - len(after)]


def _segment(part: str, text: str) -> Iterator[list[str]]:
    """Ways to divide a segment, those with short first placeholders first."""
    before, mark, after = part.partition(":x")
    if not text.startswith(before):
        return
    if not mark:
        if text == before:
            yield []
        return
    left = text[len(before) :]
    for size in range(1, len(left) + 1):
        yield from ([left[:size], *more] for more in _segment(after, left[size:]))
