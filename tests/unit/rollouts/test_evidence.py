"""The tests of a rollout are fair games: no allowed truth gains on average, and few ever win."""

from __future__ import annotations

import math
import random
from itertools import product

import pytest

from chalicelib.rollouts.rules import evidence
from chalicelib.rollouts.rules.evidence import GAPS, START, Block

SHARES = (0.0, 0.002, 0.01, 0.05, 0.2, 0.5, 0.9, 1.0)


def binomial(n: int, k: int, p: float) -> float:
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


@pytest.mark.parametrize("margin", [0.005, 0.05, 0.2])
@pytest.mark.parametrize(("live", "canary"), [(1, 1), (7, 2), (2, 7), (12, 3)])
@pytest.mark.parametrize("base", [0.001, 0.02, 0.3])
def test_no_allowed_pair_gains_on_average(
    margin: float, live: int, canary: int, base: float
) -> None:
    """Summed over everything that can happen, exactly."""
    outcomes = [
        (x, y, evidence.against_live(START, base, margin, Block(live, x, canary, y)))
        for x, y in product(range(live + 1), range(canary + 1))
    ]
    for a in SHARES:
        for b in {*[s for s in SHARES if s <= a + margin], min(1.0, a + margin)}:
            for bet in range(len(GAPS)):
                mean = sum(
                    binomial(live, x, a) * binomial(canary, y, b) * math.exp(wealth[bet])
                    for x, y, wealth in outcomes
                )
                assert mean <= 1 + 1e-6, (a, b, bet)


def test_it_gains_when_the_canary_is_worse() -> None:
    """Otherwise it would be fair, and of no use."""
    outcomes = [
        (x, y, evidence.against_live(START, 0.01, 0.005, Block(12, x, 6, y)))
        for x, y in product(range(13), range(7))
    ]
    for bet, gap in enumerate(GAPS):
        worse = 0.015 + gap * 0.985
        mean = sum(
            binomial(12, x, 0.01) * binomial(6, y, worse) * wealth[bet] for x, y, wealth in outcomes
        )
        assert mean > 0


@pytest.mark.parametrize("limit", [0.01, 0.05, 0.3])
@pytest.mark.parametrize("scores", [(0.0, 1.0), (0.0, 0.5, 1.0)])
def test_no_allowed_mean_gains_on_average(limit: float, scores: tuple[float, ...]) -> None:
    rng = random.Random(5)
    for _ in range(200):
        weights = [rng.random() for _ in scores]
        chances = [w / sum(weights) for w in weights]
        mean_score = sum(s * p for s, p in zip(scores, chances, strict=True))
        if mean_score > limit:
            scale = limit / mean_score
            chances = [1 - scale + scale * chances[0], *(scale * p for p in chances[1:])]
        for bet in range(len(GAPS)):
            gain = sum(
                p * math.exp(evidence.against_limit(START, limit, [(s, 1)])[bet])
                for s, p in zip(scores, chances, strict=True)
            )
            assert gain <= 1 + 1e-9


def test_how_requests_are_parted_into_looks_matters_not() -> None:
    whole = evidence.against_limit(START, 0.05, [(1.0, 7), (0.0, 93)])
    parts = START
    for bad, good in ((3, 40), (0, 50), (4, 3)):
        parts = evidence.against_limit(parts, 0.05, [(1.0, bad), (0.0, good)])
    assert whole == pytest.approx(parts)


def test_chances_may_differ_from_request_to_request() -> None:
    """Half of the pages fail always, half never; the canary's mean is exactly what is allowed."""
    rng = random.Random(11)
    won = 0
    for _ in range(300):
        wealth = START
        for _ in range(40):
            live_bad = sum(rng.random() < p for p in (0.3, 0.0) * 20)
            canary_bad = sum(rng.random() < p for p in (0.31, 0.0, 0.0, 0.31) * 5)
            wealth = evidence.against_live(wealth, 0.15, 0.005, Block(40, live_bad, 20, canary_bad))
            if evidence.log_value(wealth) >= math.log(20):
                won += 1
                break
    assert won <= 300 * 0.05


def test_a_version_nobody_saw_says_nothing() -> None:
    assert evidence.against_live(START, 0.01, 0.005, Block(0, 0, 50, 50)) == START
    assert evidence.against_live(START, 0.01, 0.005, Block(50, 0, 0, 0)) == START
    assert evidence.value(START) == pytest.approx(1)


def test_extremes_stay_numbers() -> None:
    wealth = evidence.against_live(START, 0.0, 0.005, Block(10**7, 0, 10**6, 10**6))
    assert all(math.isfinite(one) for one in wealth)
    assert evidence.value(wealth) == pytest.approx(1e12)
    wealth = evidence.against_live(START, 1.0, 0.005, Block(10**7, 10**7, 10**6, 0))
    assert all(math.isfinite(one) for one in wealth)
    wealth = evidence.against_limit(START, 0.0, [(1.0, 10**6), (0.0, 10**6)])
    assert all(math.isfinite(one) for one in wealth)
