"""Plans: which one a team has, whatever gives it, and what it may take of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Plan = Literal["free", "pro", "business", "enterprise"]
PLANS: tuple[str, ...] = get_args(Plan)


@dataclass(frozen=True)
class Limits:
    """What builds of a team may take: how many at a time, how long each (minutes), how large a
    machine."""

    parallel_builds: int
    build_minutes: int
    largest_size: Literal["small", "medium", "large"]


LIMITS: dict[str, Limits] = {
    "free": Limits(parallel_builds=1, build_minutes=20, largest_size="medium"),
    "pro": Limits(parallel_builds=3, build_minutes=45, largest_size="large"),
    "business": Limits(parallel_builds=10, build_minutes=60, largest_size="large"),
    "enterprise": Limits(parallel_builds=50, build_minutes=120, largest_size="large"),
}


def in_force(plan: str, granted: str | None, until: float | None, now: int) -> str:
    """The plan of a team at a moment (seconds since 1970): what was granted, while it lasts."""
    if granted is None or (until is not None and until <= now):
        return plan
    return granted


def counted(plan: str, least: str) -> str:
    """The plan whose limits count: an installation that sells nothing names the `least` one."""
    names = (name for name in (plan, least) if name in LIMITS)
    return max(names, key=PLANS.index, default="free")
