"""The judge over made-up traffic: gross faults always, small ones seldom wrongly."""

from __future__ import annotations

import json

import pytest

from chalicelib.projects.rules.delivery import Judge as Limits
from chalicelib.rollouts.rules import judge as judging
from chalicelib.rollouts.rules.health import health
from chalicelib.rollouts.rules.judge import Look, State, judge
from chalicelib.traffic.rules.counts import Counts
from tests.unit.rollouts.visits import Plan, Version, decide

GOOD = Version()
GROSS = {
    "errors": GOOD.but(errors=0.2),
    "missing": GOOD.but(refused=0.5),
    "stuck": GOOD.but(stuck=0.3),
    "slow": GOOD.but(median_ms=400),
    "dead": GOOD.but(errors=1.0),
}


@pytest.mark.parametrize("fault", sorted(GROSS))
def test_a_gross_fault_is_always_found(fault: str) -> None:
    for seed in range(100):
        look, verdict = decide(seed, GOOD, GROSS[fault])
        assert verdict.outcome == "abort", (seed, verdict)
        assert look <= 5, (seed, look)


def test_a_good_version_passes() -> None:
    outcomes = [decide(seed, GOOD, GOOD)[1].outcome for seed in range(60)]
    assert outcomes == ["pass"] * 60


def test_a_harmless_version_is_seldom_stopped() -> None:
    """At the very edge of what is allowed, with ten times the chance, so that it shows."""
    live = Version(errors=0.01, refused=0.02)
    edge = Version(errors=0.015, refused=0.07)
    plan = Plan(weight=0.2, rate=15, bake=10**6, looks=40)
    limits = Limits(false_abort=0.1, max_seconds=10**7)
    stopped = sum(
        decide(seed, live, edge, plan, limits)[1].outcome == "abort" for seed in range(150)
    )
    assert stopped <= 150 * 0.1


def test_a_small_regression_is_found_in_time() -> None:
    looks = [
        decide(seed, GOOD, GOOD.but(errors=0.03), Plan(bake=10**6, looks=40)) for seed in range(40)
    ]
    assert sum(verdict.outcome == "abort" for _, verdict in looks) >= 38


def look(canary: Counts, live: Counts | None = None, seconds: float = 600, **more: object) -> Look:
    return Look(canary, live or Counts(), canary, seconds, 300, **more)  # type: ignore[arg-type]


def answered(good: int, bad: int = 0, ms: int = 20) -> Counts:
    return Counts(good + bad, 0, good, 0, 0, bad, 0, {ms: good + bad})


def outcome(seen: Look, limits: Limits | None = None) -> str:
    return judge(State(), seen, limits or Limits())[1].outcome


def test_a_failed_check_decides_at_once() -> None:
    verdict = judge(State(), look(answered(500), failed=("/ answered 500, not 200.",)), Limits())[1]
    assert (verdict.outcome, verdict.why) == ("abort", ("/ answered 500, not 200.",))


def test_a_step_bakes_as_long_as_it_shall() -> None:
    assert outcome(look(answered(500), seconds=299)) == "wait"
    assert outcome(look(answered(500), seconds=300)) == "pass"


def test_too_few_requests_bake_on_and_then_go_by_the_setting() -> None:
    few = answered(199)
    assert outcome(look(few, seconds=3599)) == "wait"
    assert outcome(look(few, seconds=3600)) == "pass"
    assert outcome(look(few, seconds=3600), Limits(when_silent="hold")) == "hold"
    assert outcome(look(few, seconds=3600), Limits(when_silent="abort")) == "abort"
    assert outcome(look(answered(200), seconds=3600)) == "pass"


def test_numbers_beyond_a_limit_without_evidence_bake_on_and_then_go_back() -> None:
    seen = answered(235, 15)  # 6 %, which 4 % could have been
    assert outcome(look(seen)) == "wait"
    _, verdict = judge(State(), look(seen, seconds=3600), Limits())
    assert verdict.outcome == "abort"
    assert "6.00 %" in verdict.why[0]
    assert verdict.numbers["evidence"]["errors"] < verdict.numbers["needed"]


def test_a_few_failures_out_of_few_are_no_evidence() -> None:
    assert outcome(look(answered(18, 2), seconds=60)) == "wait"
    assert outcome(look(answered(0, 5), seconds=60)) == "abort"


def test_health_alone_may_decide() -> None:
    """Everything is a bit slow and nothing is above the limit on p95."""
    slowish = Counts(400, 0, 400, 0, 0, 0, 0, {35: 400})  # 431 ms
    assert health(slowish, 1000) == 50
    _, verdict = judge(State(), look(slowish), Limits())
    assert verdict.outcome == "abort"
    assert "health score is 50" in verdict.why[0]


def test_worse_than_live_needs_live() -> None:
    canary = Counts(2000, 0, 1940, 0, 0, 60, 0, {20: 2000})  # 3 %, below the limit of 5 %
    assert outcome(look(canary, Counts(), 60)) == "wait"
    live = Counts(20000, 0, 19980, 0, 0, 20, 0, {20: 20000})
    assert outcome(look(canary, live, 60)) == "abort"
    as_bad = Counts(20000, 0, 19400, 0, 0, 600, 0, {20: 20000})
    assert outcome(look(canary, as_bad, 60)) == "wait"


def test_what_live_was_like_before_counts() -> None:
    """Live's p95 is known from before: the first block can be compared with it."""
    canary = Counts(300, 0, 300, 0, 0, 0, 0, {30: 300})  # 181 ms
    live = Counts(3000, 0, 3000, 0, 0, 0, 0, {20: 2900, 28: 100})
    assert judge(State(), look(canary, live, 60), Limits())[1].outcome == "wait"
    known = State(before=Counts(3000, 0, 3000, 0, 0, 0, 0, {20: 2900, 28: 100}))
    assert judge(known, look(canary, live, 60), Limits())[1].outcome == "abort"


def test_a_state_survives_being_written_down() -> None:
    state, _ = judge(State(), look(answered(90, 3), answered(900, 1)), Limits())
    again = judging.read(json.loads(json.dumps(state.told())))
    later = look(answered(190, 5), answered(1900, 3))
    assert judge(again, later, Limits())[1] == judge(state, later, Limits())[1]


def test_counts_that_shrank_take_nothing_back() -> None:
    """A reader may see an older copy of a row than before."""
    state, _ = judge(State(), look(answered(90, 3)), Limits())
    after, _ = judge(state, look(answered(50, 1)), Limits())
    assert after.canary == state.canary
    assert after.wealth == state.wealth


def test_a_verdict_shows_its_numbers() -> None:
    _, verdict = judge(State(), look(answered(500), answered(5000)), Limits())
    told = json.loads(json.dumps(verdict.numbers))
    assert told["canary"] == {
        "requests": 500,
        "errors": 0,
        "error_rate": 0.0,
        "refused": 0,
        "p95_ms": 32.0,
        "health": 100.0,
    }
    assert told["needed"] == 600
    assert set(told["evidence"]) == set(judging.TESTS)


def test_a_verdict_says_what_is_new_since_the_look_before() -> None:
    state, _ = judge(State(), look(answered(100), answered(900)), Limits())
    _, verdict = judge(state, look(answered(140, 10), answered(960)), Limits())
    recent = verdict.numbers["recent"]
    assert (recent["canary"]["requests"], recent["canary"]["errors"]) == (50, 10)
    assert recent["canary"]["error_rate"] == 0.2
    assert (recent["live"]["requests"], recent["live"]["errors"]) == (60, 0)
    assert verdict.numbers["canary"]["requests"] == 150
