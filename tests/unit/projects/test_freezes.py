"""Freeze windows against clocks read minute by minute, and across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.projects.rules import freezes

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe")


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def at(text: str) -> int:
    return ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


def weekly(days: list[str], begins: str, ends: str, zone: str = "UTC") -> dict[str, Any]:
    return {"weekly": {"days": days, "from": begins, "to": ends}, "timezone": zone, "reason": "w"}


def shown(given: dict[str, Any], moment: datetime) -> bool:
    """Whether clocks show a time of the freeze: without any arithmetic of spans."""
    wall = moment.astimezone(ZoneInfo(given["timezone"]))
    said = given["weekly"]
    clock, yesterday = f"{wall:%H:%M}", wall.date() - timedelta(days=1)
    on = {freezes.DAYS.index(day) for day in said["days"]}
    if said["from"] < said["to"]:
        return wall.weekday() in on and said["from"] <= clock < said["to"]
    tonight = wall.weekday() in on and clock >= said["from"]
    return tonight or (yesterday.weekday() in on and clock < said["to"])


clocks = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(freezes.DAYS), min_size=1, max_size=7, unique=True),
    clocks,
    clocks,
    st.sampled_from(ZONES),
    st.integers(0, 6 * 24 * 60),
)
def test_a_weekly_freeze_is_on_when_clocks_say_so(
    days: list[str], begins: str, ends: str, zone: str, minute: int
) -> None:
    # a week in which no zone changes its clock, so that every time is shown once
    moment = datetime(2026, 6, 8, tzinfo=UTC) + timedelta(minutes=minute)
    said = weekly(days, begins, ends, zone)
    found = freezes.frozen([freezes.read(said)], ms(moment))
    assert (found is not None) == shown(said, moment)
    if found is not None and found.until < moment + timedelta(days=8):
        assert not shown(said, found.until)
        assert shown(said, found.until - timedelta(minutes=1))


def test_windows_that_follow_each_other_are_one() -> None:
    friday = weekly(["fri"], "16:00", "00:00", "Europe/Berlin")
    rest = weekly(["sat", "sun"], "00:00", "00:00", "Europe/Berlin")
    span = {"from": "2026-11-23T00:00", "to": "2026-11-23T09:30", "timezone": "Europe/Berlin"}
    found = freezes.frozen(
        [freezes.read(one) for one in (friday, rest, span)], at("2026-11-20T15:00")
    )
    assert found is not None
    assert found.until == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert found.reason == "w"


def test_a_freeze_of_all_days_has_an_end_that_can_be_said() -> None:
    always = freezes.read(weekly(list(freezes.DAYS), "00:00", "00:00"))
    found = freezes.frozen([always], at("2026-01-01T00:00"))
    assert found is not None
    assert found.until > datetime(2026, 12, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "on"),
    [
        ("2026-03-29T00:59", False),  # 01:59, then the clock jumps over what the freeze begins in
        ("2026-03-29T01:00", True),  # 03:00
        ("2026-03-29T01:59", True),
        ("2026-03-29T02:00", False),
        ("2026-10-25T00:30", True),  # 02:30 for the first time
        ("2026-10-25T01:59", True),  # and 02:59 for the second
        ("2026-10-25T03:00", False),
    ],
)
def test_when_the_clock_jumps(moment: str, on: bool) -> None:
    night = freezes.read(weekly(["sun"], "02:00", "04:00", "Europe/Berlin"))
    assert (freezes.frozen([night], at(moment)) is not None) == on


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        (weekly(["fri"], "24:00", "01:00"), "/weekly/from"),
        (weekly(["fri"], "1:00", "02:00"), "/weekly/from"),
        (weekly([], "01:00", "02:00"), "/weekly/days"),
        (weekly(["fri"], "01:00", "02:00") | {"from": "2026-01-01T00:00"}, "/weekly"),
        (weekly(["fri"], "01:00", "02:00", "../etc/passwd"), "/timezone"),
        ({"from": "2026-02-30T00:00", "to": "2026-03-01T00:00"}, "/from"),
        ({"from": "2026-02-03T00:00Z", "to": "2026-03-01T00:00"}, "/from"),
        ({"from": "9999-12-31T23:59", "to": "9999-12-31T23:59"}, "/from"),
        ({"from": "2026-03-01T00:00", "to": "2026-03-01T00:00"}, "/to"),
        ({}, "/from"),
    ],
)
def test_what_is_no_freeze(said: dict[str, Any], pointer: str) -> None:
    assert freezes.faults(said)[0][0] == pointer
