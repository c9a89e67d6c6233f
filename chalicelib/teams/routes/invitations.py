"""Invitations into a team."""

from __future__ import annotations

from pydantic import Field

from chalicelib.core import paging
from chalicelib.core.http import PUBLIC, SIGNED_IN, Call, Empty, Input, Output, secret_field
from chalicelib.core.paging import Page, PageQuery
from chalicelib.teams import actions
from chalicelib.teams.routes.blueprint import routes
from chalicelib.teams.routes.shapes import (
    InvitationView,
    NewInvitation,
    TeamView,
    invitation_view,
)


class Token(Input):
    """The token of a mail."""

    token: str = secret_field(max_length=100)


class LookedView(Output):
    """What whoever holds the token may know before they join."""

    team: str
    slug: str
    team_name: str
    email: str
    role: str
    invited_by: str = Field(description="name and e-mail")
    expires_at: str


@routes.post(
    "/teams/{team}/invitations",
    permission="member.manage",
    scope="team",
    body=NewInvitation,
    answer=InvitationView,
    status=201,
    problems=(409,),
    limit="mail",
)
def invite(call: Call) -> InvitationView:
    """Invite an e-mail address; again, it gets a new mail and only the new token is good."""
    row = actions.invite(call.actor, call.scope, call.body.email, call.body.role)
    call.trail.resource = row.id
    return invitation_view(row)


@routes.get(
    "/teams/{team}/invitations",
    permission="member.manage",
    scope="team",
    query=PageQuery,
    answer=Page[InvitationView],
)
def list_invitations(call: Call) -> Page[InvitationView]:
    """The invitations that nobody has accepted yet."""
    team = call.scope.team
    return paging.page(call, lambda **at: actions.list_invitations(team, **at), invitation_view)


@routes.delete(
    "/teams/{team}/invitations/{invitation}",
    permission="member.manage",
    scope="team",
    answer=Empty,
    status=204,
)
def revoke_invitation(call: Call) -> None:
    """Take an invitation back."""
    row = actions.revoke_invitation(call.scope, call.path["invitation"])
    call.trail.before = {"email": row.email, "role": row.role}


@routes.post(
    "/invitations/look",
    permission=PUBLIC,
    body=Token,
    answer=LookedView,
    problems=(404, 409),
    audited=False,
)
def look(call: Call) -> LookedView:
    """What a token invites to; nothing is changed."""
    return LookedView(**vars(actions.look(call.body.token)))


@routes.post(
    "/invitations/accept",
    permission=SIGNED_IN,
    body=Token,
    answer=TeamView,
    problems=(403, 404, 409),
)
def accept_invitation(call: Call) -> TeamView:
    """Join a team; a second time it answers the same."""
    joined = actions.accept(call.actor, call.body.token)
    call.trail.team, call.trail.resource = joined.team, call.actor.user
    call.trail.after = {"role": joined.role}
    return TeamView(id=joined.team, slug=joined.slug, name=joined.team_name, role=joined.role)
