"""What was live before, for pages that are still open. Pure.

`[[deployment, ms since 1970 when it was replaced], ...]`, the last one first, each once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chalicelib.edge.rules.routes import PAST

DAYS_MS = 30 * 24 * 3600 * 1000
"""As long as skew protection can be set to last."""

Past = list[list[Any]]


def after(past: Iterable[Sequence[Any]], left: Iterable[str], now: str | None, ms: int) -> Past:
    """The list once `left` are shown no more and `now` is live, at `ms`."""
    gone = [one for one in dict.fromkeys(left) if one != now]
    kept = [
        [deployment, int(at)]
        for deployment, at in past
        if deployment != now and deployment not in gone and ms - int(at) <= DAYS_MS
    ]
    return ([[one, ms] for one in gone] + kept)[:PAST]
