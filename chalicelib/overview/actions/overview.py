"""A team in numbers: one read for each of them, however much there is."""

from __future__ import annotations

from typing import Any

from chalicelib.core import clock
from chalicelib.deployments import rows as deployments
from chalicelib.overview import rules
from chalicelib.projects import rows as projects
from chalicelib.rollouts import rows as rollouts
from chalicelib.traffic import actions as traffic


def of_team(team: str) -> dict[str, Any]:
    """The overview of a team, as the API answers it."""
    now = clock.now_ms()
    days, hours = rules.week_until(now), rules.hours_until(now)
    counted = deployments.days_of(team, days[0], days[-1])
    count, live = projects.count_sites(team)
    return {
        "projects": count,
        "live": live,
        "building": deployments.moving(team),
        "week": rules.week(days, counted),
        "builds": rules.builds(counted),
        "traffic": rules.traffic(hours, traffic.team_hours(team, hours[0], hours[-1]), clock.iso),
        "active_rollouts": rollouts.count_open(team),
    }
