"""What a team may take of the installation."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core import clock
from chalicelib.core.config import settings
from chalicelib.teams import rows
from chalicelib.teams.rules import plans
from chalicelib.teams.rules.plans import LIMITS, Limits


@dataclass(frozen=True)
class Allowance:
    """The plan whose limits count for a team, and the limits."""

    plan: str
    limits: Limits


def allowance(team: str) -> Allowance:
    """What a team may take now; one that is gone has the least that the installation gives."""
    row = rows.team_of(team)
    plan = "free"
    if row is not None:
        plan = plans.in_force(row.plan, row.granted_plan, row.granted_until, clock.epoch())
    plan = plans.counted(plan, settings().least_plan)
    return Allowance(plan, LIMITS[plan])
