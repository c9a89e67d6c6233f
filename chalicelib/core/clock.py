"""Time as the product writes it: UTC, milliseconds."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def iso(ms: int | None = None) -> str:
    """ISO 8601 with milliseconds and `Z`, of `ms` or of now."""
    moment = datetime.fromtimestamp((now_ms() if ms is None else ms) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def ms(moment: str) -> int:
    """Milliseconds since 1970 of a time as `iso` writes it."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def epoch(seconds_from_now: int = 0) -> int:
    """Whole seconds since 1970, shifted: what DynamoDB's TTL wants."""
    return int(time.time()) + seconds_from_now
