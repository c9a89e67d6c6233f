"""Teams, the caller, and the API keys of a team."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from chalicelib.core import clock, etag, paging
from chalicelib.core.http import SIGNED_IN, Call, Empty, Input, Output
from chalicelib.core.paging import Page, PageQuery
from chalicelib.identity.rows import ApiKeyRow
from chalicelib.teams import actions
from chalicelib.teams.routes.blueprint import routes
from chalicelib.teams.rules import check_name

Name = Annotated[str, AfterValidator(check_name)]


class TeamView(Output):
    """A team, and the caller's role in it."""

    id: str
    slug: str
    name: str
    role: str


class UserView(Output):
    """A person."""

    id: str
    email: str
    name: str


class MeView(Output):
    """Who is calling."""

    user: UserView
    teams: list[TeamView]
    via: Literal["session", "api_key"]


class RenameTeam(Input):
    """What may be changed of a team."""

    name: Name


class NewKey(Input):
    """A key for one team; without `scopes` it may do what its owner may."""

    name: Name
    team: str | None = Field(None, max_length=80, description="id or slug")
    scopes: list[Annotated[str, Field(max_length=60)]] = Field(default_factory=list, max_length=40)
    expires_in_days: int | None = Field(None, ge=1, le=3650)


class KeyView(Output):
    """An API key without its secret."""

    id: str
    name: str
    team: str
    scopes: list[str]
    prefix: str
    created_at: str
    last_used_at: str | None
    expires_at: str | None


class NewKeyView(KeyView):
    """An API key with its secret, which is shown this once."""

    secret: str


class ListKeys(PageQuery):
    """Which team's keys; without `team` those of the default team."""

    team: str | None = Field(None, max_length=80)


@routes.get("/me", permission=SIGNED_IN, answer=MeView)
def me(call: Call) -> MeView:
    """Who is calling, and their teams."""
    user, teams = actions.whoami(call.actor)
    return MeView(
        user=UserView(id=user.id, email=user.email, name=user.name),
        teams=[_team(team) for team in teams],
        via="api_key" if call.actor.kind == "api_key" else "session",
    )


@routes.get("/teams", permission="team.read", query=PageQuery, answer=Page[TeamView])
def list_teams(call: Call) -> Page[TeamView]:
    """The caller's teams."""
    teams, end = actions.list_teams(
        call.actor, limit=call.query.limit, last_evaluated_key=paging.position(call)
    )
    return Page[TeamView](items=[_team(team) for team in teams], next=paging.cursor(call, end))


@routes.patch(
    "/teams/{team}",
    permission="team.update",
    scope="team",
    body=RenameTeam,
    answer=TeamView,
    problems=(409,),
)
def rename_team(call: Call) -> tuple[TeamView, dict[str, str]]:
    """Change a team's name; `If-Match` refuses to overwrite somebody else's change."""
    member: actions.Membership = call.scope
    team = actions.rename_team(member.team, member.role, call.body.name, etag.expected(call))
    return _team(team), etag.tag(team.version)


@routes.post("/keys", permission="key.create", body=NewKey, answer=NewKeyView, status=201)
def create_key(call: Call) -> NewKeyView:
    """Make an API key. Its secret is in this answer and nowhere else."""
    wanted = call.body
    row, secret = actions.create_key(
        call.actor, wanted.team, wanted.name, wanted.scopes, wanted.expires_in_days
    )
    return NewKeyView(**_key(row).model_dump(), secret=secret)


@routes.get("/keys", permission="key.read", query=ListKeys, answer=Page[KeyView])
def list_keys(call: Call) -> Page[KeyView]:
    """The keys of a team: all of them for its admins, one's own for the others."""
    return paging.page(
        call, lambda **at: actions.list_keys(call.actor, call.query.team, **at), _key
    )


@routes.delete("/keys/{key_id}", permission="key.delete", answer=Empty, status=204)
def delete_key(call: Call) -> None:
    """End an API key at once."""
    actions.delete_key(call.actor, call.path["key_id"])


def _team(team: actions.TeamOfUser) -> TeamView:
    return TeamView(id=team.id, slug=team.slug, name=team.name, role=team.role)


def _key(row: ApiKeyRow) -> KeyView:
    return KeyView(
        id=row.id,
        name=row.name,
        team=row.team,
        scopes=[str(scope) for scope in row.scopes],
        prefix=row.prefix,
        created_at=row.created_at,
        last_used_at=_moment(row.last_used),
        expires_at=_moment(row.expires_at),
    )


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else clock.iso(int(seconds) * 1000)
