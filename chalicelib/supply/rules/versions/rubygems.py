"""Versions of Ruby gems, as Gem::Version orders them."""

from __future__ import annotations

import re
from functools import cmp_to_key
from itertools import zip_longest
from typing import Any

_VERSION = re.compile(r"[0-9]+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?")
_MAX = 200


def key(version: str) -> Any:
    """What two versions are compared by; None for a text that is no version."""
    text = version.strip()
    if len(text) > _MAX or not _VERSION.fullmatch(text):
        return None
    parts = re.findall(r"[0-9]+|[a-zA-Z]+", text.replace("-", ".pre."))
    segments = [int(part) if part.isdigit() else part for part in parts]
    words = next((n for n, part in enumerate(segments) if isinstance(part, str)), len(segments))
    return _by_segments((*_trimmed(segments[:words]), *_trimmed(segments[words:])))


def _trimmed(segments: list[int | str]) -> list[int | str]:
    while segments and segments[-1] == 0:
        segments = segments[:-1]
    return segments


def _compare(one: tuple[int | str, ...], other: tuple[int | str, ...]) -> int:
    for left, right in zip_longest(one, other, fillvalue=0):
        if left == right:
            continue
        if isinstance(left, str) != isinstance(right, str):
            return -1 if isinstance(left, str) else 1  # a word marks something before a release
        return -1 if left < right else 1  # type: ignore[operator]  # both are of one kind
    return 0


_by_segments = cmp_to_key(_compare)
