"""Evidence that a canary is bad, in a form that may be looked at as often as one likes. Pure.

A test starts with one unit of wealth and bets, before it sees the next requests, that they go worse
than they may. As long as they do not, no way of betting gains on average, so by Ville's inequality
the chance that the wealth *ever* reaches 1/a is at most a: however often it is looked at, and
whenever one stops. Nothing of that needs many requests, a normal distribution or rates that stay
the same from one hour to the next; it does need requests that fail independently of each other.

Several ways of betting share the wealth in equal parts, from small differences to gross ones. Their
mean is again a fair game.

Sources: Ville 1939; Shafer, "Testing by betting", JRSS A 184 (2021); Waudby-Smith and Ramdas,
"Estimating means of bounded random variables by betting", JRSS B 86 (2024); Turner and Grünwald,
"Exact anytime-valid confidence intervals for contingency tables and beyond" (2023).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

GAPS = (1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2)
"""How much worse than allowed the bets say it is, as parts of the way from the limit to 1."""

_TINY = 1e-6
Wealth = tuple[float, ...]
"""Logarithms of what the bets of one test have made of one unit each."""

START: Wealth = (0.0,) * len(GAPS)


def log_value(wealth: Sequence[float]) -> float:
    """The logarithm of a test's wealth: of the mean over its bets."""
    most = max(wealth)
    return most + math.log(sum(math.exp(one - most) for one in wealth) / len(wealth))


def value(wealth: Sequence[float]) -> float:
    """The wealth itself, at most 1e12: nobody needs to see more zeros."""
    return math.exp(min(log_value(wealth), math.log(1e12)))


def against_limit(wealth: Wealth, limit: float, scores: Sequence[tuple[float, int]]) -> Wealth:
    """A test's wealth after more requests, where the mean of a score may not exceed `limit`.

    `scores` are (score in 0..1, how many requests had it). A bet multiplies the wealth by
    1 + b(score - limit) for each request; with scores of 0 and 1 that is the likelihood ratio.
    """
    limit = min(max(limit, _TINY), 1 - _TINY)
    grown = []
    for log, gap in zip(wealth, GAPS, strict=True):
        bet = gap / limit  # such that (limit + gap * (1 - limit)) is the mean that is bet on
        grown.append(log + sum(n * math.log1p(bet * (score - limit)) for score, n in scores if n))
    return tuple(grown)


@dataclass(frozen=True)
class Block:
    """The requests of both versions in one span of time: how many, and how many were bad."""

    live: int
    live_bad: int
    canary: int
    canary_bad: int


def against_live(wealth: Wealth, base: float, margin: float, block: Block) -> Wealth:
    """A test's wealth after a block, where the canary may be bad `margin` more often than live.

    `base` is the share of bad requests that live is expected to have, from what was seen before
    this block. For each bet the pair of shares that is allowed and likest to what is bet on is
    found, and the wealth grows by the likelihood ratio to that pair. On average that is at most
    1 for every allowed pair: the gain of a request is linear in its chance of being bad, so the
    product is at most exp of a sum which, because allowed pairs form a convex set and the pair is
    the nearest of them, is not above 0. Hence the chances may differ from request to request, as
    long as their means keep within the margin.
    """
    if not block.live or not block.canary:
        return wealth
    base = min(max(base, _TINY), 1 - margin - _TINY)
    grown = []
    for log, gap in zip(wealth, GAPS, strict=True):
        worse = min(base + margin + gap * (1 - base - margin), 1 - _TINY)
        near = _nearest(base, worse, margin, block)
        grown.append(
            log
            + _log_ratio(block.live, block.live_bad, base, near)
            + _log_ratio(block.canary, block.canary_bad, worse, near + margin)
        )
    return tuple(grown)


def _nearest(base: float, worse: float, margin: float, block: Block) -> float:
    """Live's share in the allowed pair (x, x + margin) that is likest to (base, worse).

    It minimises a convex function, whose slope is followed to its zero by halving.
    """
    low, high = base, worse - margin
    for _ in range(50):
        x = (low + high) / 2
        y = x + margin
        slope = block.live * (x - base) / (x * (1 - x))
        slope += block.canary * (y - worse) / (y * (1 - y))
        low, high = (low, x) if slope > 0 else (x, high)
    return (low + high) / 2


def _log_ratio(requests: int, bad: int, bet: float, allowed: float) -> float:
    """Logarithm of how much likelier `bad` of `requests` are with the one share than the other."""
    return bad * math.log(bet / allowed) + (requests - bad) * math.log((1 - bet) / (1 - allowed))
