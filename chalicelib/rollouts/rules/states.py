"""The life of a rollout, and the pace at which it is looked after. Pure."""

from __future__ import annotations

from collections.abc import Sequence

RUNNING, PAUSED = "running", "paused"
STATES = (RUNNING, PAUSED, "completed", "aborted", "overtaken")
"""`completed`: everybody sees the deployment. `aborted`: nobody does. `overtaken`: somebody, or a
newer rollout, decided otherwise meanwhile.
"""

ALL = 10_000
LOOKS_A_RUN = 1_000
"""Verdicts in one execution, which may have 25,000 events; each takes nine of them."""

HISTORY = 40
"""So many verdicts that changed something a rollout remembers."""

Steps = Sequence[Sequence[int]]


def is_open(state: str) -> bool:
    """Whether a rollout goes on, or may."""
    return state in {RUNNING, PAUSED}


def over_at_once(steps: Steps, step: int) -> bool:
    """Whether a step is only the word that everybody shall see the deployment."""
    return step >= len(steps) or (step == len(steps) - 1 and tuple(steps[step]) == (ALL, 0))


def weight_now(state: str, steps: Steps, shifted: int) -> int:
    """How many of 10,000 visitors see the deployment by the rollout's doing."""
    if state == "completed":
        return ALL
    return int(steps[shifted - 1][0]) if is_open(state) and shifted else 0


def pause_until_next_look(baked: float, bake: float, every: int) -> int:
    """Seconds until the judge is asked again: when the step has baked, but soon anyway."""
    left = bake - baked
    return max(1, min(every, int(left) + 1 if left > 0 else every))
