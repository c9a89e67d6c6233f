"""What the numbers of a team come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.deployments.rules.days import Day, total
from chalicelib.traffic.rules.counts import Counts

DAYS = 7
HOURS = 24
HOUR_MS = 3_600_000


def week_until(now_ms: int) -> list[str]:
    """The last seven days, today included, oldest first (UTC)."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    return [(today - timedelta(days=back)).isoformat() for back in range(DAYS - 1, -1, -1)]


def week(days: list[str], found: Mapping[str, Day]) -> dict[str, Any]:
    """How the deployments of some days ended, together and day by day."""
    all_of_them = total(found.values())
    return {
        "finished": all_of_them.finished,
        "ready": all_of_them.ready,
        "failed": all_of_them.failed,
        "success_rate": all_of_them.success_rate,
        "days": [
            {
                "day": date.fromisoformat(day).isoformat(),
                "ready": found[day].ready if day in found else 0,
                "failed": found[day].failed if day in found else 0,
            }
            for day in days
        ],
    }


def builds(found: Mapping[str, Day]) -> dict[str, Any]:
    """How many builds ran on some days, and how long they took in milliseconds."""
    all_of_them = total(found.values())
    return {
        "count": sum(all_of_them.builds.values()),
        "p50_ms": all_of_them.build_ms(0.5),
        "p95_ms": all_of_them.build_ms(0.95),
    }


def hours_until(now_ms: int) -> list[int]:
    """When the last 24 hours began, that of now included, oldest first (ms since 1970)."""
    this = now_ms // HOUR_MS * HOUR_MS
    return [this - back * HOUR_MS for back in range(HOURS - 1, -1, -1)]


def traffic(hours: list[int], found: Mapping[int, Counts], iso: Any) -> dict[str, Any]:
    """What visitors asked for, together and hour by hour; `iso` writes a moment down."""
    counted = [(at, found.get(at, Counts())) for at in hours]
    return {
        "hours": len(hours),
        "requests": sum(one.requests for _, one in counted),
        "bytes": sum(one.bytes for _, one in counted),
        "errors": sum(one.s5 for _, one in counted),
        "series": [
            {"at": iso(at), "requests": one.requests, "errors": one.s5} for at, one in counted
        ],
    }
