"""Windows of time in which nothing goes live by itself. Pure.

A freeze is one span of a calendar (`from` to `to`, as clocks of its time zone show it) or comes
every week (`weekly`: days, and hours of those days; one that ends before it begins ends the next
day, and equal ones last from that time to the same of the next day).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from chalicelib.projects.rules.cron import CronError, zone_of

FREEZES_MAX = 50
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AHEAD = 400
"""Freezes that follow each other are looked through so many times; then they count as for ever."""

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?\Z")


@dataclass(frozen=True, slots=True)
class Weekly:
    """Days (0 is Monday) and the hours of those days, as clocks show them."""

    days: tuple[int, ...]
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Freeze:
    """One window: a span between two moments of a calendar, or one of every week."""

    timezone: str
    reason: str
    begins: datetime | None = None
    ends: datetime | None = None
    weekly: Weekly | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """A freeze is on until this moment (UTC), because of this."""

    until: datetime
    reason: str


def read(given: Mapping[str, Any]) -> Freeze:
    """A freeze as the row of a project holds it."""
    zone, reason = given.get("timezone") or "UTC", given.get("reason") or ""
    weekly = given.get("weekly")
    if weekly:
        days = tuple(DAYS.index(day) for day in weekly["days"])
        hours = Weekly(days, time.fromisoformat(weekly["from"]), time.fromisoformat(weekly["to"]))
        return Freeze(zone, reason, weekly=hours)
    begins, ends = (datetime.fromisoformat(given[name]) for name in ("from", "to"))
    return Freeze(zone, reason, begins=begins, ends=ends)


def faults(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with a freeze: (JSON pointer below it, a sentence)."""
    try:
        zone_of(given.get("timezone") or "UTC")
    except CronError as error:
        return [("/timezone", error.detail)]
    weekly = given.get("weekly")
    if weekly:
        if given.get("from") or given.get("to"):
            return [("/weekly", "Either every week, or `from` and `to`.")]
        found = [] if weekly["days"] else [("/weekly/days", "At least one day, such as fri.")]
        found += [("/weekly/days", f"Days are {', '.join(DAYS)}.")] * any(
            day not in DAYS for day in weekly["days"]
        )
        return found + [
            (f"/weekly/{name}", "A time of day, such as 16:00.")
            for name in ("from", "to")
            if not _CLOCK.match(weekly[name])
        ]
    found = [(f"/{n}", _SHAPE) for n in ("from", "to") if not _is_moment(given.get(n) or "")]
    if not found and datetime.fromisoformat(given["from"]) >= datetime.fromisoformat(given["to"]):
        found = [("/to", "It ends before it begins.")]
    return found


_SHAPE = "A date and time without a zone, such as 2026-12-24T12:00; `timezone` says where."


def _is_moment(text: str) -> bool:
    if not _MOMENT.match(text):
        return False
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return False
    return 2000 <= found.year <= 2200


def frozen(freezes: Iterable[Freeze], now_ms: int) -> Frozen | None:
    """The freeze that is on at `now_ms` (since 1970); until when all that follow it are over."""
    listed = list(freezes)
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    found: Frozen | None = None
    for _ in range(AHEAD):
        ends = [(end, one.reason) for one in listed if (end := _until(one, moment)) is not None]
        if not ends:
            break
        moment, reason = max(ends)
        found = Frozen(moment, found.reason if found else reason)
    return found


def _until(freeze: Freeze, moment: datetime) -> datetime | None:
    """When a freeze that is on at a moment ends; None when it is not on."""
    ends = [end for begin, end in _spans(freeze, moment) if begin <= moment < end]
    return max(ends, default=None)


def _spans(freeze: Freeze, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Spans (UTC) of a freeze that may hold a moment."""
    zone = zone_of(freeze.timezone)

    def utc(wall: datetime) -> datetime:
        return wall.replace(tzinfo=zone).astimezone(UTC)

    if freeze.begins is not None and freeze.ends is not None:
        yield utc(freeze.begins), utc(freeze.ends)
    if freeze.weekly is not None:
        today = moment.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            if day.weekday() in freeze.weekly.days:
                begins, ends = _hours(freeze.weekly, day)
                yield utc(begins), utc(ends)


def _hours(weekly: Weekly, day: date) -> tuple[datetime, datetime]:
    begins = datetime.combine(day, weekly.begins)
    ends = datetime.combine(day, weekly.ends)
    return begins, ends if ends > begins else ends + timedelta(days=1)
