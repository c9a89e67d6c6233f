"""Semantic versions (https://semver.org): npm, crates.io and Go."""

from __future__ import annotations

import re
from typing import Any

_VERSION = re.compile(
    r"[v=]?\s*(\d{1,19})(?:\.(\d{1,19}))?(?:\.(\d{1,19}))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]*)?"
)


def key(version: str) -> Any:
    """What two versions are compared by; None for a text that is no version.

    A missing minor or patch number is 0, as in ranges; what follows `+` does not count.
    """
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        return None
    numbers = tuple(int(part or 0) for part in found.groups()[:3])
    if found[4] is None:
        return (*numbers, 1, ())
    return (*numbers, 0, tuple(_identifier(part) for part in found[4].split(".")))


def _identifier(part: str) -> tuple[int, int, str]:
    """Numbers come before words and are compared as numbers."""
    return (0, int(part), "") if part.isdigit() and len(part) < 4000 else (1, 0, part)
