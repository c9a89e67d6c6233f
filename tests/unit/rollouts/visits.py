"""Visitors made up: what two versions of a site answer, look by look."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, replace

from chalicelib.projects.rules.delivery import Judge as Limits
from chalicelib.rollouts.rules.judge import Look, State, Verdict, judge
from chalicelib.traffic.rules import histogram
from chalicelib.traffic.rules.counts import Counts


@dataclass(frozen=True)
class Version:
    """How a version behaves: shares of 5xx and 4xx, median ms, spread (of the logarithm), and
    the share of answers that take two seconds more.
    """

    errors: float = 0.002
    refused: float = 0.02
    median_ms: float = 40
    spread: float = 0.8
    stuck: float = 0.0

    def but(self, **changes: float) -> Version:
        return replace(self, **changes)

    def answers(self, rng: random.Random, requests: int) -> Counts:
        s4 = s5 = 0
        times: dict[int, int] = {}
        for _ in range(requests):
            luck = rng.random()
            s5 += luck < self.errors
            s4 += self.errors <= luck < self.errors + self.refused
            ms = self.median_ms * math.exp(self.spread * rng.gauss(0, 1))
            ms += 2000 if self.stuck and rng.random() < self.stuck else 0
            at = histogram.bucket(ms)
            times[at] = times.get(at, 0) + 1
        return Counts(requests, requests * 1000, requests - s4 - s5, 0, s4, s5, 0, times)


@dataclass(frozen=True)
class Plan:
    """A step: share of visitors, requests a second, seconds between looks, of the step, at most."""

    weight: float = 0.05
    rate: float = 40
    every: int = 30
    bake: int = 300
    looks: int = 20


def decide(
    seed: int,
    live: Version,
    canary: Version,
    plan: Plan | None = None,
    limits: Limits | None = None,
) -> tuple[int, Verdict]:
    """At which look a step was decided, and how; `wait` when it was not."""
    rng = random.Random(seed)
    plan, limits = plan or Plan(), limits or Limits()
    state, seen, beside = State(), Counts(), Counts()
    look, verdict = 0, Verdict("wait", (), {})
    for look in range(1, plan.looks + 1):
        requests = int(plan.rate * plan.every)
        to_canary = sum(rng.random() < plan.weight for _ in range(requests))
        seen += canary.answers(rng, to_canary)
        beside += live.answers(rng, requests - to_canary)
        state, verdict = judge(
            state, Look(seen, beside, seen, look * plan.every, plan.bake), limits
        )
        if verdict.outcome != "wait":
            break
    return look, verdict
