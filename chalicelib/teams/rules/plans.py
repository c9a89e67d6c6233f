"""Plans: which one a team has, whatever gives it."""

from __future__ import annotations

from typing import Literal, get_args

Plan = Literal["free", "pro", "business", "enterprise"]
PLANS: tuple[str, ...] = get_args(Plan)


def in_force(plan: str, granted: str | None, until: float | None, now: int) -> str:
    """The plan of a team at a moment (seconds since 1970): what was granted, while it lasts."""
    if granted is None or (until is not None and until <= now):
        return plan
    return granted
