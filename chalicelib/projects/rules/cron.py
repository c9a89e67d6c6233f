"""Cron expressions of five fields, and the moment at which one is due next. Pure.

Minute, hour, day of the month, month, day of the week: numbers, names of months and days, `a-b`,
lists, `*`, and steps behind a range or `*`. When both days are restricted, either is enough, as
cron has always read them. Daylight saving: a time that a clock skips is due at the first moment
after the gap, one that it shows twice at the first; an expression for every hour goes by real time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

LONGEST = 200
EVERY_MINUTES = 5
"""No schedule is due more often than this."""

_YEARS = 41
"""A 29th of February of one weekday comes every 28 years, over a year 2100 every 40."""

_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MINUTE = timedelta(minutes=1)


class CronError(ValueError):
    """What is wrong with an expression: a code, the field, and a sentence."""

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.field = field
        self.detail = detail


@dataclass(frozen=True)
class _Field:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 7, _DAYS),
)


@dataclass(frozen=True)
class Cron:
    """An expression as sets of numbers; Sunday is 0. `every_hour`: it says nothing of the hour."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    every_hour: bool

    def on(self, day: date) -> bool:
        """Whether it is due on a day at all."""
        if day.month not in self.months:
            return False
        by_date, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_date or by_week) if self.either_day else (by_date and by_week)


def parse(text: str) -> Cron:
    """An expression; raises CronError with `invalid_cron`, `cron_never` or `cron_too_often`."""
    if len(text) > LONGEST:
        raise CronError("invalid_cron", "expression", f"It has over {LONGEST} characters.")
    parts = text.split()
    if len(parts) != len(_FIELDS):
        why = f"It has {len(parts)} fields; five are needed: minute, hour, day, month, weekday."
        if text.startswith("@"):
            why = "Write five fields, such as `0 3 * * *` for every night at three."
        elif len(parts) == 6:
            why = "It has six fields; there are no seconds and no years, so leave one out."
        raise CronError("invalid_cron", "expression", why)
    sets = [_numbers(part, of) for part, of in zip(parts, _FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = sets
    found = Cron(
        tuple(sorted(minutes)),
        tuple(sorted(hours)),
        frozenset(days),
        frozenset(months),
        frozenset(day % 7 for day in weekdays),
        either_day=not parts[2].startswith("*") and not parts[4].startswith("*"),
        every_hour=parts[1].startswith("*"),
    )
    _check(found)
    return found


def _numbers(text: str, of: _Field) -> set[int]:
    found: set[int] = set()
    for item in text.split(","):
        span, slash, step = item.partition("/")
        first, last = _span(span, of, bool(slash))
        if slash and not re.fullmatch(r"[0-9]{1,2}", step):
            raise _fault(of, f"{step[:20]!r} is no step; a step is a number behind the /.")
        width = int(step) if slash else 1
        if not 1 <= width <= of.high - of.low + 1:
            raise _fault(of, f"A step is 1 to {of.high - of.low + 1}.")
        found |= set(range(first, last + 1, width))
    return found


def _span(text: str, of: _Field, stepped: bool) -> tuple[int, int]:
    if text == "*":
        return of.low, of.high
    if not text:
        raise _fault(of, "Something is missing: a number or *.")
    low, dash, high = text.partition("-")
    first = _number(low, of)
    if not dash:
        if stepped:
            raise _fault(of, f"A step needs a range: */n or {low[:10]}-{of.high}/n.")
        return first, first
    last = _number(high, of)
    if first > last:
        raise _fault(of, f"{text[:20]} runs backwards; write two ranges with a comma.")
    return first, last


def _number(text: str, of: _Field) -> int:
    lower = text.lower()
    if lower in of.names:
        return of.names.index(lower) + of.low
    if re.search(r"[?LW#]", text.upper()) and not re.fullmatch(r"[A-Za-z]{3,}", text):
        raise _fault(of, f"{text[:20]!r}: `?`, `L`, `W` and `#` are of other schedulers; use *.")
    if not re.fullmatch(r"[0-9]{1,3}", text):
        raise _fault(of, f"{text[:20]!r} is neither a number nor a name.")
    number = int(text)
    if not of.low <= number <= of.high:
        raise _fault(of, f"{number} is not within {of.low} to {of.high}.")
    return number


def _fault(of: _Field, detail: str) -> CronError:
    return CronError("invalid_cron", of.name, detail)


def _check(cron: Cron) -> None:
    possible = any(min(cron.days) <= _LONGEST_MONTHS[month - 1] for month in cron.months)
    if not possible and not cron.either_day:
        raise CronError(
            "cron_never", "day of the month", "No month of these has such a day: it is never due."
        )
    times = [hour * 60 + minute for hour in cron.hours for minute in cron.minutes]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    # over midnight, should it be due on two days in a row
    gaps.append(times[0] + 24 * 60 - times[-1])
    if min(gaps) < EVERY_MINUTES:
        raise CronError(
            "cron_too_often",
            "minute",
            f"It is due more often than every {EVERY_MINUTES} minutes.",
        )


def next_after(cron: Cron, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment later than `after` (UTC, both) at which it is due, on a full minute.

    Raises ValueError when there is none, which `parse` has ruled out.
    """
    day = after.astimezone(zone).date() - timedelta(days=1)
    for _ in range(366 * _YEARS):
        if cron.on(day):
            found = [moment for moment in _moments(cron, zone, day) if moment > after]
            if found:
                return min(found)
        day += timedelta(days=1)
    raise ValueError("an expression that is never due")


def _moments(cron: Cron, zone: ZoneInfo, day: date) -> set[datetime]:
    found: set[datetime] = set()
    for hour in cron.hours:
        for minute in cron.minutes:
            found |= _on_the_clock(
                datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone), cron.every_hour
            )
    return found


def _on_the_clock(wall: datetime, every_hour: bool) -> set[datetime]:
    """When a clock shows this: once, twice, or, where it skips it, right after the gap."""
    first, second = (wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return {first}
    if first < second:  # the clock shows it twice
        return {first, second} if every_hour else {first}
    return set() if every_hour else {_end_of_gap(wall, second, first)}


def _end_of_gap(wall: datetime, before: datetime, behind: datetime) -> datetime:
    """The first full minute after the clock jumped, which is between the two."""
    zone = wall.tzinfo
    offset = behind.astimezone(zone).utcoffset()
    minutes = int((behind - before) / _MINUTE)
    low, high = 0, minutes
    while high - low > 1:
        middle = (low + high) // 2
        if (before + middle * _MINUTE).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + high * _MINUTE


@lru_cache(maxsize=128)
def zone_of(name: str) -> ZoneInfo:
    """A time zone by its IANA name; raises CronError `invalid_timezone`."""
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_+/-]{0,59}", name):
        try:
            return ZoneInfo(name)
        except (KeyError, OSError, ValueError):  # a folder of zones is a PermissionError or so
            pass
    raise CronError(
        "invalid_timezone",
        "timezone",
        f"There is no time zone {name[:60]!r}; use a name such as Europe/Berlin.",
    )
