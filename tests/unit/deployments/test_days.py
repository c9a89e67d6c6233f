"""What a team's days came to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.deployments.rules import days
from chalicelib.deployments.rules.days import Day

MINUTE = "2026-11-22T00:{:02d}:00.000Z"

ones = st.builds(
    lambda state, minutes, built: days.one(
        state,
        {"build": {"started_at": MINUTE.format(0), "ended_at": MINUTE.format(minutes)}},
        built=built,
    ),
    st.sampled_from(days.ENDS),
    st.integers(0, 59),
    st.booleans(),
)


@given(st.lists(ones), st.randoms())
def test_the_order_does_not_matter(found: list[Day], random: object) -> None:
    shuffled = sorted(found, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert days.total(shuffled) == days.total(found)
    assert days.total(found).finished == len(found)


@given(st.lists(ones), st.lists(ones))
def test_days_add_up(some: list[Day], more: list[Day]) -> None:
    assert days.total(some) + days.total(more) == days.total([*some, *more])


def test_only_what_was_tried_counts_for_the_rate() -> None:
    ends = ["ready", "ready", "failed", "cancelled", "superseded", "superseded"]
    day = days.total(days.one(end, {}, built=True) for end in ends)
    assert (day.finished, day.success_rate) == (6, round(2 / 3, 4))
    assert Day(cancelled=3).success_rate is None


@given(st.integers(1, 4 * 3600))
def test_a_quantile_is_at_most_a_fifth_above_the_truth(seconds: int) -> None:
    at = f"2026-11-22T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000Z"
    stages = {"build": {"started_at": MINUTE.format(0), "ended_at": at}}
    found = days.one("ready", stages, built=True).build_ms(0.5)
    assert found is not None
    assert seconds * 1000 <= found <= seconds * 1000 * 1.19 + 1


def test_a_build_that_did_not_run_to_its_end_has_no_time() -> None:
    began = {"started_at": MINUTE.format(0)}
    ended = {**began, "ended_at": MINUTE.format(1)}
    for state, build, built in (
        ("ready", began, True),
        ("ready", {**ended, "state": "skipped"}, True),
        ("ready", ended, False),
        ("cancelled", ended, True),
    ):
        assert days.one(state, {"build": build}, built=built).builds == {}
    assert sum(days.one("failed", {"build": ended}, built=True).builds.values()) == 1
