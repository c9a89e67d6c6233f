"""Cron expressions against an oracle that looks at every minute, and across changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.projects.rules import cron
from chalicelib.projects.rules.cron import CronError

MINUTE = timedelta(minutes=1)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")


def numbers(text: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for item in text.split(","):
        span, _, step = item.partition("/")
        first, _, last = span.partition("-")
        start, end = (low, high) if span == "*" else (int(first), int(last or first))
        found |= {n for n in range(start, end + 1) if (n - start) % int(step or 1) == 0}
    return found


class Oracle:
    """Reads a clock minute by minute."""

    def __init__(self, text: str, zone: str) -> None:
        self.fields = text.split()
        minute, hour, day, month, week = self.fields
        self.minutes, self.hours = numbers(minute, 0, 59), numbers(hour, 0, 23)
        self.days, self.months = numbers(day, 1, 31), numbers(month, 1, 12)
        self.week = {n % 7 for n in numbers(week, 0, 7)}
        self.zone = ZoneInfo(zone)

    def shows(self, wall: datetime) -> bool:
        day, week = wall.day in self.days, wall.isoweekday() % 7 in self.week
        either = self.fields[2][0] != "*" and self.fields[4][0] != "*"
        return (
            wall.minute in self.minutes
            and wall.hour in self.hours
            and wall.month in self.months
            and ((day or week) if either else (day and week))
        )

    def due(self, moment: datetime) -> bool:
        wall = moment.astimezone(self.zone)
        if self.fields[1][0] == "*":
            return self.shows(wall)
        if self.shows(wall) and not wall.fold:
            return True
        skipped = (moment - MINUTE).astimezone(self.zone).replace(tzinfo=None) + MINUTE
        while skipped < wall.replace(tzinfo=None):
            if self.shows(skipped):
                return True
            skipped += MINUTE
        return False

    def next_after(self, after: datetime, limit: timedelta) -> datetime | None:
        moment = after.replace(second=0, microsecond=0) + MINUTE
        while moment <= after + limit:
            if self.due(moment):
                return moment
            moment += MINUTE
        return None


def items(low: int, high: int, coarse: bool = False) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    span = st.tuples(number, number).map(lambda p: f"{min(p)}-{max(p)}")
    step = st.sampled_from([5, 7, 10, 15, 20, 30]) if coarse else st.integers(1, high - low + 1)
    stepped = st.tuples(st.one_of(st.just("*"), span), step).map(lambda p: f"{p[0]}/{p[1]}")
    kinds = [number.map(str), stepped] if coarse else [number.map(str), span, stepped]
    several = st.lists(st.one_of(*kinds), min_size=1, max_size=1 if coarse else 3)
    return several.map(",".join)


star = st.just("*")
expressions = st.tuples(
    items(0, 59, coarse=True),
    st.one_of(star, items(0, 23)),
    st.one_of(star, star, items(1, 31)),
    st.one_of(star, star, items(1, 12)),
    st.one_of(star, star, items(0, 7)),
).map(" ".join)

# around the nights when clocks change, and any other time
moments = st.one_of(
    st.sampled_from(
        [
            datetime(2026, 3, 28, 22, tzinfo=UTC),
            datetime(2026, 10, 24, 22, tzinfo=UTC),
            datetime(2026, 3, 8, 4, tzinfo=UTC),
            datetime(2026, 11, 1, 3, tzinfo=UTC),
            datetime(2026, 4, 4, 12, tzinfo=UTC),
            datetime(2026, 10, 3, 13, tzinfo=UTC),
        ]
    ),
    st.integers(0, 8 * 366 * 24 * 3600).map(
        lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
)
LIMIT = timedelta(days=3)


def parsed_or_none(text: str) -> cron.Cron | None:
    """None for what is due too often or never; every other fault is one of ours."""
    try:
        return cron.parse(text)
    except CronError as error:
        if error.code in {"cron_too_often", "cron_never"}:
            return None
        raise


@settings(max_examples=300, deadline=None)
@given(expressions, st.sampled_from(ZONES), moments, st.integers(0, 600))
def test_the_next_time_is_that_of_the_oracle(
    text: str, zone: str, after: datetime, more: int
) -> None:
    parsed = parsed_or_none(text)
    if parsed is None:
        return
    after += timedelta(minutes=more)
    found = cron.next_after(parsed, cron.zone_of(zone), after)
    wanted = Oracle(text, zone).next_after(after, LIMIT)
    if wanted is None:
        assert found > after + LIMIT
    else:
        assert found == wanted


def next_times(text: str, zone: str, after: str, count: int) -> list[str]:
    parsed, at = cron.parse(text), datetime.fromisoformat(after)
    found = []
    for _ in range(count):
        at = cron.next_after(parsed, cron.zone_of(zone), at)
        found.append(at.strftime("%d %H:%M"))
    return found


def test_a_time_that_clocks_skip_is_due_right_after_the_gap() -> None:
    berlin = ("Europe/Berlin", "2026-03-28T12:00:00+00:00")
    assert next_times("30 2 * * *", *berlin, 2) == ["29 01:00", "30 00:30"]
    assert next_times("0,30 2 * * *", *berlin, 2) == ["29 01:00", "30 00:00"]


def test_a_time_that_clocks_show_twice_is_due_once() -> None:
    berlin = ("Europe/Berlin", "2026-10-24T12:00:00+00:00")
    assert next_times("30 2 * * *", *berlin, 2) == ["25 00:30", "26 01:30"]


def test_what_is_due_every_hour_goes_by_real_time() -> None:
    berlin = ("Europe/Berlin", "2026-10-24T23:30:00+00:00")
    assert next_times("0 * * * *", *berlin, 4) == ["25 00:00", "25 01:00", "25 02:00", "25 03:00"]


@pytest.mark.parametrize(
    ("text", "code", "field", "why"),
    [
        ("* * * * * *", "invalid_cron", "expression", "six fields"),
        ("0 3 * *", "invalid_cron", "expression", "4 fields"),
        ("", "invalid_cron", "expression", "0 fields"),
        ("@daily", "invalid_cron", "expression", "0 3 * * *"),
        ("61 * * * *", "invalid_cron", "minute", "61"),
        ("0 24 * * *", "invalid_cron", "hour", "24"),
        ("0 0 0 * *", "invalid_cron", "day of the month", "0"),
        ("0 0 * 13 *", "invalid_cron", "month", "13"),
        ("0 0 * * 8", "invalid_cron", "day of the week", "8"),
        ("0 0 30 2 *", "cron_never", "day of the month", "never due"),
        ("0 0 31 4,6,9,11 *", "cron_never", "day of the month", "never due"),
        ("* * * * *", "cron_too_often", "minute", "5 minutes"),
        ("0,58 * * * *", "cron_too_often", "minute", "5 minutes"),
        ("0 3 ? * *", "invalid_cron", "day of the month", "other schedulers"),
        ("0 3 L * *", "invalid_cron", "day of the month", "other schedulers"),
        ("0 3 * * 1#2", "invalid_cron", "day of the week", "other schedulers"),
        ("0 5-3 * * *", "invalid_cron", "hour", "backwards"),
        ("0 3/2 * * *", "invalid_cron", "hour", "range"),
        ("0 */0 * * *", "invalid_cron", "hour", "step"),
        ("0 */x * * *", "invalid_cron", "hour", "step"),
        ("0 , * * *", "invalid_cron", "hour", "missing"),
        ("0 -1 * * *", "invalid_cron", "hour", "number"),
        ("٣ 3 * * *", "invalid_cron", "minute", "number"),
        ("0 3 * foo *", "invalid_cron", "month", "number"),
        ("0 " * 200, "invalid_cron", "expression", "200"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(text: str, code: str, field: str, why: str) -> None:
    with pytest.raises(CronError) as caught:
        cron.parse(text)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert why in caught.value.detail


def test_names_and_sunday_twice() -> None:
    assert (
        cron.parse("0 3 * JAN-mar Sun") == cron.parse("0 3 * 1-3 7") == cron.parse("0 3 * 1,2,3 0")
    )


def test_rare_days_are_found() -> None:
    after = datetime(2096, 3, 1, tzinfo=UTC)
    leap = cron.next_after(cron.parse("0 0 29 2 *"), cron.zone_of("UTC"), after)
    assert leap == datetime(2104, 2, 29, tzinfo=UTC)
    sunday = cron.next_after(cron.parse("0 0 29 2 */7"), cron.zone_of("UTC"), after)
    assert (sunday.month, sunday.day, sunday.isoweekday()) == (2, 29, 7)


@pytest.mark.parametrize(
    "name", ["", "Nowhere/City", "../etc", "Europe", "x" * 80, "Europe/Ber lin"]
)
def test_time_zones_that_are_none(name: str) -> None:
    with pytest.raises(CronError) as caught:
        cron.zone_of(name)
    assert caught.value.code == "invalid_timezone"
