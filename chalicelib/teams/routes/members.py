"""Members of a team."""

from __future__ import annotations

from chalicelib.core import paging
from chalicelib.core.http import Call, Empty
from chalicelib.core.paging import Page, PageQuery
from chalicelib.teams import actions
from chalicelib.teams.routes.blueprint import routes
from chalicelib.teams.routes.shapes import MemberView, RoleChange, member_view
from chalicelib.teams.rules import may


@routes.get(
    "/teams/{team}/members",
    permission="member.read",
    scope="team",
    query=PageQuery,
    answer=Page[MemberView],
)
def list_members(call: Call) -> Page[MemberView]:
    """The members of a team; whether they have a second factor is for its admins."""
    by: actions.Membership = call.scope
    members, end = actions.list_members(
        by.team, limit=call.query.limit, last_evaluated_key=paging.position(call)
    )
    shows_mfa = may(by.role, "member.manage")
    return Page[MemberView](
        items=[member_view(member, shows_mfa) for member in members],
        next=paging.cursor(call, end),
    )


@routes.patch(
    "/teams/{team}/members/{user}",
    permission="member.manage",
    scope="team",
    body=RoleChange,
    answer=MemberView,
    problems=(409,),
)
def set_role(call: Call) -> MemberView:
    """Give a member, by id or e-mail, another role; it counts from their next request on."""
    by: actions.Membership = call.scope
    user = actions.member_named(call.path["user"])
    call.trail.resource = user
    call.trail.before = {"role": actions.set_role(by, user, call.body.role)}
    return member_view(actions.get_member(by.team, user), shows_mfa=True)


@routes.delete(
    "/teams/{team}/members/{user}",
    permission="member.read",
    scope="team",
    answer=Empty,
    status=204,
    problems=(409,),
)
def remove_member(call: Call) -> None:
    """Take a member out of the team, by id or e-mail; everybody may leave it themselves.

    Their keys of the team and their roles in its projects end at once.
    """
    by: actions.Membership = call.scope
    user = actions.member_named(call.path["user"])
    if call.actor.kind != "user" or user != by.user:
        actions.require(call.actor, by.team, "member.manage")
    call.trail.resource = user
    call.trail.before = {"role": actions.remove_member(by, user)}
