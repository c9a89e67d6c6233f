"""What the numbers of a team come to."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.deployments.rules.days import Day
from chalicelib.overview import rules
from chalicelib.traffic.rules.counts import Counts

NOW = clock.ms("2026-03-01T00:30:00.000Z")


def test_the_week_ends_today_and_has_every_day() -> None:
    days = rules.week_until(NOW)
    assert (days[0], days[-1], len(days)) == ("2026-02-23", "2026-03-01", 7)
    found = rules.week(days, {"2026-02-28": Day(ready=3, failed=1, superseded=2)})
    assert [day["ready"] for day in found["days"]] == [0, 0, 0, 0, 0, 3, 0]
    assert (found["finished"], found["success_rate"]) == (6, 0.75)


def test_builds_of_a_week_are_put_together() -> None:
    found = rules.builds({"a": Day(builds={40: 9}), "b": Day(builds={60: 1})})
    assert (found["count"], found["p50_ms"], found["p95_ms"]) == (10, 1024, 32768)
    assert rules.builds({}) == {"count": 0, "p50_ms": None, "p95_ms": None}


def test_the_day_of_traffic_ends_with_the_hour_of_now() -> None:
    hours = rules.hours_until(NOW)
    counts = Counts(requests=5, bytes=10, s5=2)
    found = rules.traffic(hours, {hours[-1]: counts, hours[0] - 1: counts}, clock.iso)
    assert (found["requests"], found["bytes"], found["errors"], found["hours"]) == (5, 10, 2, 24)
    assert found["series"][-1] == {
        "at": "2026-03-01T00:00:00.000Z",
        "requests": 5,
        "errors": 2,
    }
    assert found["series"][0]["at"] == "2026-02-28T01:00:00.000Z"
