"""Teams of the installation."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from chalicelib.admin import actions
from chalicelib.admin.routes.blueprint import routes
from chalicelib.admin.routes.users import Reason
from chalicelib.core import clock, paging
from chalicelib.core.http import INSTALLATION, Call, Input, Output
from chalicelib.core.paging import Page, PageQuery
from chalicelib.teams.rows import TeamRow
from chalicelib.teams.rules.plans import Plan, in_force

Status = Literal["active", "suspended"]


class AdminTeamView(Output):
    """A team; `plan` is the one in force, `granted_plan` what was given in place of its own."""

    id: str
    slug: str
    name: str
    status: Status
    plan: str
    granted_plan: str | None
    granted_until: str | None
    created_at: str


class ListAllTeams(PageQuery):
    """Which teams: those whose slug begins with `query` or whose name holds it."""

    query: str = Field("", max_length=80)
    status: Status | None = None


class GrantPlan(Input):
    """A plan in place of the team's own; null takes it back."""

    plan: Plan | None
    until: AwareDatetime | None = Field(None, description="when it ends; without, never")
    reason: str = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _lasts(self) -> GrantPlan:
        if self.until is not None and self.plan is None:
            raise ValueError("Without a plan there is nothing to end: leave `until` out.")
        if self.until is not None and _seconds(self.until) <= clock.epoch():
            raise ValueError("`until` lies in the past.")
        return self


@routes.get(
    "/admin/teams",
    permission="admin.read",
    scope=INSTALLATION,
    query=ListAllTeams,
    answer=Page[AdminTeamView],
)
def list_teams(call: Call) -> Page[AdminTeamView]:
    """Every team, by slug. A page may be short when few match, and still have a next one."""
    after = (paging.position(call) or {}).get("after", "")
    found, end = actions.list_teams(call.query.query, call.query.status, call.query.limit, after)
    return Page[AdminTeamView](
        items=[_view(team) for team in found],
        next=paging.cursor(call, {"after": end} if end else None),
    )


@routes.post(
    "/admin/teams/{team}/suspend",
    permission="admin.manage",
    scope=INSTALLATION,
    body=Reason,
    answer=AdminTeamView,
    problems=(409,),
    step_up=True,
)
def suspend_team(call: Call) -> AdminTeamView:
    """Let a team read and nothing else. What it has published stays up."""
    team = _named(call)
    if team.status == "suspended":
        call.trail.drop()
        return _view(team)
    actions.suspend_team(team)
    return _told(call, team, {"status": "active"}, {"status": "suspended"})


@routes.post(
    "/admin/teams/{team}/restore",
    permission="admin.manage",
    scope=INSTALLATION,
    body=Reason,
    answer=AdminTeamView,
    problems=(409,),
    step_up=True,
)
def restore_team(call: Call) -> AdminTeamView:
    """End a team's suspension."""
    team = _named(call)
    if team.status != "suspended":
        call.trail.drop()
        return _view(team)
    actions.restore_team(team)
    return _told(call, team, {"status": "suspended"}, {"status": "active"})


@routes.patch(
    "/admin/teams/{team}",
    permission="admin.manage",
    scope=INSTALLATION,
    body=GrantPlan,
    answer=AdminTeamView,
    problems=(409,),
    step_up=True,
)
def grant_plan(call: Call) -> AdminTeamView:
    """Give a team a plan in place of its own, for a while or for good, or take it back."""
    team = _named(call)
    before = {"plan": _plan(team), "until": _moment(team.granted_until)}
    until = None if call.body.until is None else _seconds(call.body.until)
    actions.grant_plan(team, call.body.plan, until)
    return _told(call, team, before, {"plan": _plan(team), "until": _moment(until)})


def _named(call: Call) -> TeamRow:
    team = actions.find_team(call.path["team"])
    call.trail.resource, call.trail.label = team.id, team.slug
    return team


def _told(
    call: Call, team: TeamRow, before: dict[str, str | None], after: dict[str, str | None]
) -> AdminTeamView:
    """The answer to a change, which both logs have: the installation's and the team's."""
    call.trail.before = dict(before)
    call.trail.after = {**after, "reason": call.body.reason}
    actions.tell_team(call, team, call.trail.after)
    return _view(team)


def _view(team: TeamRow) -> AdminTeamView:
    return AdminTeamView(
        id=team.id,
        slug=team.slug,
        name=team.name,
        status="suspended" if team.status == "suspended" else "active",
        plan=_plan(team),
        granted_plan=team.granted_plan,
        granted_until=_moment(team.granted_until),
        created_at=team.created_at,
    )


def _plan(team: TeamRow) -> str:
    return in_force(team.plan, team.granted_plan, team.granted_until, clock.epoch())


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else clock.iso(int(seconds) * 1000)
