"""Teams, and the caller."""

from __future__ import annotations

from chalicelib.core import etag, paging
from chalicelib.core.http import SIGNED_IN, Call, Empty
from chalicelib.core.paging import Page, PageQuery
from chalicelib.teams import actions
from chalicelib.teams.routes.blueprint import routes
from chalicelib.teams.routes.shapes import (
    MeView,
    NewOwner,
    NewTeam,
    TeamChanges,
    TeamDetails,
    TeamView,
    team_details,
    team_view,
    user_view,
)


@routes.get("/me", permission=SIGNED_IN, answer=MeView)
def me(call: Call) -> MeView:
    """Who is calling, and their teams."""
    user, teams = actions.whoami(call.actor)
    return MeView(
        user=user_view(user) if user else None,
        teams=[team_view(team) for team in teams],
        via="session" if call.actor.kind == "user" else call.actor.kind,  # type: ignore[arg-type]  # the kinds of keys
        project=call.actor.project or None,
    )


@routes.get("/teams", permission="team.read", query=PageQuery, answer=Page[TeamView])
def list_teams(call: Call) -> Page[TeamView]:
    """The caller's teams."""
    teams, end = actions.list_teams(
        call.actor, limit=call.query.limit, last_evaluated_key=paging.position(call)
    )
    return Page[TeamView](items=[team_view(team) for team in teams], next=paging.cursor(call, end))


@routes.post(
    "/teams",
    permission=SIGNED_IN,
    body=NewTeam,
    answer=TeamDetails,
    status=201,
    problems=(403, 409),
)
def create_team(call: Call) -> tuple[TeamDetails, dict[str, str]]:
    """Make a team, whose owner the caller is."""
    team = actions.create_team_of(call.actor, call.body.slug, call.body.name)
    call.trail.team = team.id
    return team_details(actions.get_team(team.id), team.role), etag.tag(team.version)


@routes.get("/teams/{team}", permission="team.read", scope="team", answer=TeamDetails)
def get_team(call: Call) -> tuple[TeamDetails, dict[str, str]]:
    """One team, by id or slug."""
    member: actions.Membership = call.scope
    team = actions.get_team(member.team)
    return team_details(team, member.role), etag.tag(int(team.version))


@routes.patch(
    "/teams/{team}",
    permission="team.update",
    scope="team",
    body=TeamChanges,
    answer=TeamDetails,
    problems=(409,),
)
def update_team(call: Call) -> tuple[TeamDetails, dict[str, str]]:
    """Change a team; `If-Match` refuses to overwrite somebody else's change.

    Whether members need a second factor is changed only by somebody who signed in with one.
    """
    member: actions.Membership = call.scope
    changes = call.body.model_dump(exclude_unset=True)
    team, call.trail.before = actions.update_team(
        call.actor, member.team, changes, etag.expected(call)
    )
    return team_details(team, member.role), etag.tag(int(team.version))


@routes.delete(
    "/teams/{team}",
    permission="team.delete",
    scope="team",
    answer=Empty,
    status=204,
    problems=(409,),
    step_up=True,
)
def delete_team(call: Call) -> None:
    """Delete a team that has no projects any more; its keys end at once."""
    actions.delete_team(call.scope)


@routes.post(
    "/teams/{team}/transfer",
    permission="team.transfer",
    scope="team",
    body=NewOwner,
    answer=TeamDetails,
    problems=(409,),
    step_up=True,
)
def transfer_team(call: Call) -> TeamDetails:
    """Make another member owner; the caller becomes an admin in the same moment."""
    member: actions.Membership = call.scope
    actions.transfer(member, actions.member_named(call.body.to))
    return team_details(actions.get_team(member.team), "admin")
