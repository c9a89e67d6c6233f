"""What goes into and comes out of the routes of teams."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from chalicelib.core import clock
from chalicelib.core.http import Input, Output
from chalicelib.core.paging import PageQuery
from chalicelib.identity.rows import ApiKeyRow, UserRow
from chalicelib.identity.rules import normal_email
from chalicelib.teams import actions
from chalicelib.teams.rows import InvitationRow, TeamRow
from chalicelib.teams.rules import check_name, check_slug, may
from chalicelib.teams.rules.keys import RATE_MAX, RATE_MIN


def check_logo(url: str) -> str:
    """The address of a picture; raises ValueError with the rule."""
    try:
        parts = urlsplit(url)
        good = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        good = False
    if not good or not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("A logo is an address that begins with https://.")
    return url


Name = Annotated[str, AfterValidator(check_name)]
Slug = Annotated[str, AfterValidator(check_slug)]
Email = Annotated[str, Field(max_length=254), AfterValidator(normal_email)]
Logo = Annotated[str, Field(max_length=500), AfterValidator(check_logo)]
Role = Literal["owner", "admin", "developer", "billing", "viewer"]
Days = Annotated[int | None, Field(ge=1, le=3650)]
Rate = Annotated[int | None, Field(ge=RATE_MIN, le=RATE_MAX, description="requests a minute")]


class TeamView(Output):
    """A team, and the caller's role in it."""

    id: str
    slug: str
    name: str
    role: str


class TeamDetails(TeamView):
    """Everything about a team; `billing_email` only for those who see bills."""

    status: str
    plan: str
    logo_url: str | None
    billing_email: str | None
    mfa_required: bool
    sso_enforced: bool
    version: int
    created_at: str


class NewTeam(Input):
    """A team to make; without `slug` one is made of the name."""

    name: Name
    slug: Slug | None = None


class TeamChanges(Input):
    """What may be changed of a team; absent fields stay, null empties `logo_url` and the like."""

    name: Name | None = None
    logo_url: Logo | None = None
    billing_email: Email | None = None
    mfa_required: bool | None = None

    @model_validator(mode="after")
    def _not_null(self) -> TeamChanges:
        if any(
            name in self.model_fields_set and getattr(self, name) is None
            for name in ("name", "mfa_required")
        ):
            raise ValueError("`name` and `mfa_required` cannot be null.")
        return self


class NewOwner(Input):
    """Who becomes owner instead of the caller."""

    to: str = Field(max_length=254, description="id or e-mail of a member")


class MemberView(Output):
    """A member; `mfa` only for those who manage members."""

    user: str
    name: str
    email: str
    role: str
    joined_at: str
    mfa: bool | None


class RoleChange(Input):
    """A member's new role."""

    role: Role


class NewInvitation(Input):
    """Whom to invite, and as what."""

    email: Email
    role: Role


class InvitationView(Output):
    """An invitation that nobody has accepted."""

    id: str
    email: str
    role: str
    state: Literal["open", "expired"]
    invited_by: str
    created_at: str
    expires_at: str


class UserView(Output):
    """A person; `version` is what `If-Match` of PATCH /v1/me names."""

    id: str
    email: str
    name: str
    avatar_url: str | None
    status: Literal["pending", "active", "suspended"]
    verified: bool
    admin: bool
    factors: int = Field(description="second factors and passkeys")
    version: int


class MeView(Output):
    """Who is calling. A machine has no `user`; a deploy key has a `project`."""

    user: UserView | None
    teams: list[TeamView]
    via: Literal["session", "api_key", "service", "deploy_key"]
    project: str | None


class NewKey(Input):
    """A key for one team; without `scopes` it may do what its owner or its `role` may."""

    name: Name
    team: str | None = Field(None, max_length=80, description="id or slug")
    kind: Literal["api_key", "service"] = "api_key"
    role: Role | None = Field(None, description="of a service token")
    scopes: list[Annotated[str, Field(max_length=60)]] = Field(default_factory=list, max_length=40)
    expires_in_days: Days = None
    rate_per_minute: Rate = None

    @model_validator(mode="after")
    def _role_of_service(self) -> NewKey:
        if (self.kind == "service") != (self.role is not None):
            raise ValueError("A key of kind `service` has a `role`, and no other kind has one.")
        return self


class KeyView(Output):
    """A key without its secret; `project_slug` is how people know the `project` of a deploy key."""

    id: str
    name: str
    kind: str
    team: str
    project: str | None
    project_slug: str | None
    role: str | None
    scopes: list[str]
    rate_per_minute: int | None
    prefix: str
    created_by: str
    created_at: str
    last_used_at: str | None
    expires_at: str | None


class NewKeyView(KeyView):
    """A key with its secret, which is shown this once."""

    secret: str


class ListKeys(PageQuery):
    """Which team's keys; without `team` those of the default team."""

    team: str | None = Field(None, max_length=80)


def user_view(user: UserRow) -> UserView:
    """A person as they see themselves."""
    return UserView(
        id=user.id,
        email=user.email,
        name=user.name,
        avatar_url=user.avatar_url,
        status=user.status,  # type: ignore[arg-type]  # one of the three
        verified=user.verified_at is not None,
        admin=bool(user.admin),
        factors=int(user.factors),
        version=int(user.version),
    )


def team_view(team: actions.TeamOfUser) -> TeamView:
    """A team in a list."""
    return TeamView(id=team.id, slug=team.slug, name=team.name, role=team.role)


def team_details(team: TeamRow, role: str) -> TeamDetails:
    """A team as somebody with this role sees it."""
    return TeamDetails(
        id=team.id,
        slug=team.slug,
        name=team.name,
        role=role,
        status=team.status,
        plan=team.plan,
        logo_url=team.logo_url,
        billing_email=team.billing_email if may(role, "billing.read") else None,
        mfa_required=bool(team.mfa_required),
        sso_enforced=bool(team.sso_enforced),
        version=int(team.version),
        created_at=team.created_at,
    )


def member_view(member: actions.MemberOfTeam, shows_mfa: bool) -> MemberView:
    """A member, with or without what only admins see."""
    return MemberView(**{**vars(member), "mfa": member.mfa if shows_mfa else None})


def invitation_view(row: InvitationRow) -> InvitationView:
    """An invitation without its token, which only the mail has."""
    return InvitationView(
        id=row.id,
        email=row.email,
        role=row.role,
        state="open" if row.expires_at > clock.epoch() else "expired",
        invited_by=row.invited_by,
        created_at=row.created_at,
        expires_at=clock.iso(int(row.expires_at) * 1000),
    )


def key_view(row: ApiKeyRow) -> KeyView:
    """A key in a list."""
    return KeyView(
        id=row.id,
        name=row.name,
        kind=row.kind,
        team=row.team,
        project=row.project or None,
        project_slug=row.project_slug or None,
        role=row.role or None,
        scopes=[str(scope) for scope in row.scopes],
        rate_per_minute=int(row.rate_per_minute) or None,
        prefix=row.prefix,
        created_by=row.created_by or row.user,
        created_at=row.created_at,
        last_used_at=_moment(row.last_used),
        expires_at=_moment(row.expires_at),
    )


def new_key_view(row: ApiKeyRow, secret: str) -> NewKeyView:
    """A key that was made just now."""
    return NewKeyView(**key_view(row).model_dump(), secret=secret)


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else clock.iso(int(seconds) * 1000)
