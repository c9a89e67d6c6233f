"""Teams, as those see them who run the installation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.admin.rules import matches
from chalicelib.audit.actions.append import record
from chalicelib.core.errors import Conflict, not_found
from chalicelib.core.http import Call
from chalicelib.core.table import lost_condition
from chalicelib.teams import rows
from chalicelib.teams.actions import team_named

EXAMINED = 1000
_STEP = 100


def list_teams(
    query: str, status: str | None, limit: int, after: str
) -> tuple[list[rows.TeamRow], str]:
    """Teams by slug behind `after`, and behind which one to go on; "" at the end."""
    found: list[rows.TeamRow] = []
    for _ in range(EXAMINED // _STEP):
        batch = rows.teams_page(limit=_STEP, after=after)
        for team in batch:
            after = str(team.gsi2sk)
            wanted = not team.deleted_at and status in {None, team.status}
            if wanted and matches(query, team.name, team.slug):
                found.append(team)
                if len(found) == limit:
                    return found, after
        if len(batch) < _STEP:
            return found, ""
    return found, after


def find_team(name: str) -> rows.TeamRow:
    """A team by id or slug, read consistently; raises NotFound."""
    team = rows.team_of(team_named(name))
    if team is None or team.deleted_at:
        raise not_found("team", name)
    rows.keep_listed(team)
    return team


def suspend_team(team: rows.TeamRow) -> None:
    """Let a team's members read and nothing else: no changes, no builds. Its sites go on."""
    _change(team, rows.TeamRow.status.set("suspended"))


def restore_team(team: rows.TeamRow) -> None:
    """End a team's suspension."""
    _change(team, rows.TeamRow.status.set("active"))


def grant_plan(team: rows.TeamRow, plan: str | None, until: int | None) -> None:
    """Give a team a plan in place of its own, until a moment (seconds since 1970) or for good.

    None takes it back.
    """
    kind = rows.TeamRow
    _change(
        team,
        kind.granted_plan.remove() if plan is None else kind.granted_plan.set(plan),
        kind.granted_until.remove() if until is None else kind.granted_until.set(until),
    )


def tell_team(call: Call, team: rows.TeamRow, after: dict[str, Any]) -> None:
    """Write a change into the team's own log too, without saying from where it was made."""
    record(
        f"{call.trail.id}-team",
        team.id,
        call.trail.action,
        team.id,
        actor=replace(call.actor, ip="", agent="", session=""),
        label=team.slug,
        after=after,
    )


def _change(team: rows.TeamRow, *actions: Action) -> None:
    kind = rows.TeamRow
    try:
        team.update(
            actions=[*actions, kind.version.set(kind.version + 1)],
            condition=(kind.version == team.version) & rows.team_lives(),
        )
    except UpdateError as error:
        if not lost_condition(error):
            raise
        raise Conflict(
            "conflict", "The team was changed in the meantime.", hint="Look at it again."
        ) from None
