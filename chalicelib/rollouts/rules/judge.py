"""The judge of a rollout: from what was counted to a verdict with its numbers. Pure.

It is asked again and again while a step bakes. It stops a canary at once when one of six tests has
enough evidence (`evidence.py`), and lets a step pass at its end when enough was seen and the plain
numbers are within the limits. Each test gets an equal part of the chance of a false abort that the
project allows, so the chance that a harmless canary is stopped by any test at any look of the whole
rollout is at most that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from chalicelib.projects.rules.delivery import Judge as Limits
from chalicelib.projects.rules.delivery import Silence
from chalicelib.rollouts.rules import evidence
from chalicelib.rollouts.rules.evidence import START, Block, Wealth
from chalicelib.rollouts.rules.health import health, worth
from chalicelib.traffic.rules import counts as counting
from chalicelib.traffic.rules import histogram
from chalicelib.traffic.rules.counts import Counts

TESTS = ("errors", "slow", "health", "errors_live", "refused_live", "slow_live")
"""In the order in which they are named when several speak."""

SLOW_SHARE = 0.05
"""p95 is above a limit when more than this share of answers is slower."""

MARGINS = {"errors_live": 0.005, "refused_live": 0.05, "slow_live": 0.05}
"""How much more often than live a canary may err (5xx), refuse (4xx), be slower than live's p95."""

_EXPECTED = (0.25, 100)
"""Bad answers, of how many: what live is thought to have answered before anything was seen."""

_LEARN = 100
"""Live answers after which its p95 is taken as known."""

Outcome = Literal["wait", "pass", "abort", "hold"]


@dataclass(frozen=True)
class State:
    """What the judge remembers from look to look: what it has seen, and each test's wealth."""

    looks: int = 0
    canary: Counts = field(default_factory=Counts)
    live: Counts = field(default_factory=Counts)
    wealth: Mapping[str, Wealth] = field(default_factory=dict)
    before: Counts = field(default_factory=Counts)

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "looks": self.looks,
            "canary": self.canary.told(),
            "live": self.live.told(),
            "before": self.before.told(),
            "wealth": {name: [round(x, 9) for x in one] for name, one in self.wealth.items()},
        }


def read(told: Mapping[str, Any]) -> State:
    """A state that `told` wrote; an empty mapping is the beginning."""
    return State(
        looks=int(told.get("looks", 0)),
        canary=counting.read(told.get("canary", {})),
        live=counting.read(told.get("live", {})),
        before=counting.read(told.get("before", {})),
        wealth={name: tuple(map(float, one)) for name, one in told.get("wealth", {}).items()},
    )


@dataclass(frozen=True)
class Look:
    """What there is to look at now.

    `canary` and `live` are everything counted since the rollout began, `step` what the canary
    answered in the present step. The step has lasted for `seconds` of the `bake` it shall. `failed`
    says which checks did not get the answer they want, in a sentence each.
    """

    canary: Counts
    live: Counts
    step: Counts
    seconds: float
    bake: float
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What is to be done, why in sentences, and the numbers that say so."""

    outcome: Outcome
    why: tuple[str, ...]
    numbers: Mapping[str, Any]


def judge(state: State, look: Look, limits: Limits) -> tuple[State, Verdict]:
    """The next state and a verdict. Counts may only grow: what is less than before is not seen."""
    before, state = state, _learn(state, look, limits)
    why, outcome = _decide(state, look, limits)
    return state, Verdict(outcome, tuple(why), numbers(state, look, limits, before))


def needed(limits: Limits) -> float:
    """The wealth at which a test has enough evidence."""
    return len(TESTS) / limits.false_abort


def _learn(state: State, look: Look, limits: Limits) -> State:
    """Let every test bet on what came since the last look, knowing only what came before."""
    canary, live = look.canary - state.canary, look.live - state.live
    known = state.before + state.live
    full, half, nothing = worth(canary, limits.p95_ms)
    timed = sum(canary.times.values())
    slow = histogram.slower_than(canary.times, limits.p95_ms)
    wealth = {name: state.wealth.get(name, START) for name in TESTS}
    wealth["errors"] = evidence.against_limit(
        wealth["errors"],
        limits.error_rate,
        ((1.0, canary.s5), (0.0, canary.requests - canary.s5)),
    )
    wealth["slow"] = evidence.against_limit(
        wealth["slow"], SLOW_SHARE, ((1.0, slow), (0.0, timed - slow))
    )
    wealth["health"] = evidence.against_limit(
        wealth["health"], 1 - limits.health / 100, ((0.0, full), (0.5, half), (1.0, nothing))
    )
    wealth["errors_live"] = _beside(
        wealth, "errors_live", (known.requests, known.s5), _block(live, canary, "s5")
    )
    wealth["refused_live"] = _beside(
        wealth, "refused_live", (known.requests, known.s4), _block(live, canary, "s4")
    )
    usual = histogram.quantile(known.times, 0.95)
    if usual is not None and known.requests >= _LEARN:
        timed_live = sum(live.times.values())
        known_slow = histogram.beyond(known.times, usual)
        wealth["slow_live"] = _beside(
            wealth,
            "slow_live",
            (sum(known.times.values()), known_slow),
            Block(
                timed_live,
                histogram.beyond(live.times, usual),
                timed,
                histogram.beyond(canary.times, usual),
            ),
        )
    return replace(
        state,
        looks=state.looks + 1,
        canary=state.canary + canary,
        live=state.live + live,
        wealth=wealth,
    )


def _block(live: Counts, canary: Counts, bad: str) -> Block:
    return Block(live.requests, getattr(live, bad), canary.requests, getattr(canary, bad))


def _beside(
    wealth: Mapping[str, Wealth], test: str, known: tuple[int, int], block: Block
) -> Wealth:
    requests, bad = known
    base = (bad + _EXPECTED[0]) / (requests + _EXPECTED[1])
    return evidence.against_live(wealth[test], base, MARGINS[test], block)


def _decide(state: State, look: Look, limits: Limits) -> tuple[list[str], Outcome]:
    if look.failed:
        return list(look.failed), "abort"
    enough = math.log(needed(limits))
    spoken = [t for t in TESTS if evidence.log_value(state.wealth[t]) >= enough]
    if spoken:
        return [_says(test, state, limits) for test in spoken], "abort"
    if look.seconds < look.bake:
        return ["The step has not baked for long enough."], "wait"
    return _at_the_end(look, limits)


def _at_the_end(look: Look, limits: Limits) -> tuple[list[str], Outcome]:
    """The step has baked, and no test has enough evidence against it."""
    seen = look.step.requests
    missing, worse = limits.min_requests - seen, beyond(look.step, limits)
    if missing <= 0 and not worse:
        return [f"{seen} requests of the step are within all limits."], "pass"
    if look.seconds < limits.max_seconds:
        if missing > 0:
            return [f"{missing} more requests have to be seen."], "wait"
        return [f"{one} That is not enough evidence yet: it bakes on." for one in worse], "wait"
    if worse:
        return [f"{one} It did not get better in {int(look.seconds)} s." for one in worse], "abort"
    said = f"{seen} of {limits.min_requests} requests were seen in {int(look.seconds)} seconds."
    outcomes: dict[Silence, Outcome] = {"go_on": "pass", "hold": "hold", "abort": "abort"}
    return [said], outcomes[limits.when_silent]


def beyond(seen: Counts, limits: Limits) -> list[str]:
    """Which limits the plain numbers are beyond, in a sentence each."""
    said = []
    if seen.error_rate() > limits.error_rate:
        said.append(
            f"{_percent(seen.error_rate())} are errors, above {_percent(limits.error_rate)}."
        )
    timed = sum(seen.times.values())
    if timed and histogram.slower_than(seen.times, limits.p95_ms) > SLOW_SHARE * timed:
        said.append(f"p95 is {seen.p95_ms():.0f} ms, above {limits.p95_ms} ms.")
    score = health(seen, limits.p95_ms)
    if score is not None and score < limits.health:
        said.append(f"The health score is {score}, below {limits.health}.")
    return said


def _says(test: str, state: State, limits: Limits) -> str:
    """What a test that has enough evidence found."""
    canary, live = state.canary, state.before + state.live
    usual = histogram.quantile(live.times, 0.95) or 0
    slower = histogram.beyond(canary.times, usual)
    sentences = {
        "errors": f"{_percent(canary.error_rate())} of the canary's answers are errors,"
        f" above {_percent(limits.error_rate)}.",
        "slow": f"The canary's p95 is {canary.p95_ms() or 0:.0f} ms, above {limits.p95_ms} ms.",
        "health": f"The canary's health score is {health(canary, limits.p95_ms)},"
        f" below {limits.health}.",
        "errors_live": f"{_percent(canary.error_rate())} of the canary's answers are errors,"
        f" {_percent(live.error_rate())} of the live version's.",
        "refused_live": f"{_percent(_share(canary.s4, canary.requests))} of the canary's answers"
        f" are 4xx, {_percent(_share(live.s4, live.requests))} of the live version's.",
        "slow_live": f"{_percent(_share(slower, canary.requests))} of the canary's answers are"
        f" slower than the live version's p95, {histogram.upper_ms(usual):.0f} ms.",
    }
    return sentences[test]


def numbers(state: State, look: Look, limits: Limits, before: State) -> dict[str, Any]:
    """What a verdict stands on, for people and programs; `recent` is what came since `before`."""
    return {
        "canary": _figures(state.canary, limits),
        "live": _figures(state.live, limits),
        "step": _figures(look.step, limits),
        "recent": {
            "canary": _figures(state.canary - before.canary, limits),
            "live": _figures(state.live - before.live, limits),
        },
        "seconds": int(look.seconds),
        "looks": state.looks,
        "evidence": {test: round(evidence.value(state.wealth[test]), 3) for test in TESTS},
        "needed": round(needed(limits), 1),
    }


def _figures(counts: Counts, limits: Limits) -> dict[str, Any]:
    return {
        "requests": counts.requests,
        "errors": counts.s5,
        "error_rate": round(counts.error_rate(), 5),
        "refused": counts.s4,
        "p95_ms": counts.p95_ms(),
        "health": health(counts, limits.p95_ms),
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
