"""The one place that decides whether a caller may do something in a team."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Forbidden, NotFound, not_found
from chalicelib.identity.rows import owner_of, user_of
from chalicelib.teams import rows
from chalicelib.teams.rules import may


@dataclass(frozen=True)
class Membership:
    """A caller in a team."""

    team: str
    user: str
    role: str


def likely_member(actor: Actor) -> tuple[type[rows.MemberRow], str, str]:
    """Key of the caller's row in the team they most likely mean.

    Whoever reads something else first can read this row along, and hand it to `require`.
    """
    return rows.MemberRow, f"TEAM#{actor.team or actor.home}", f"MEMBER#{actor.user}"


def require(
    actor: Actor,
    team: str,
    permission: str,
    *,
    absent: NotFound | None = None,
    read: rows.MemberRow | None = None,
) -> Membership:
    """The caller's membership in a team, if it gives `permission`: one consistent read.

    None at all when `read` is the right row, which the caller has just read consistently.

    Raises NotFound when the caller is not in the team, exactly as if there were no such team;
    `absent` is what to raise instead when the caller asked for something of the team, such as a
    project. Raises Forbidden `missing_permission` or `missing_scope` for a member who may not.
    """
    gone = absent or not_found("team", team)
    if not actor.user or (actor.team and actor.team != team):
        raise gone
    member = read if read and read.team == team else rows.member_of(team, actor.user)
    if member is None:
        raise gone
    if not may(member.role, permission):
        raise Forbidden(
            "missing_permission",
            f"Your role {member.role!r} does not have the permission {permission!r}.",
            hint="Ask an owner or admin of the team.",
        )
    check_scope(actor, permission)
    return Membership(team, actor.user, member.role)


def check_scope(actor: Actor, permission: str) -> None:
    """Raise Forbidden `missing_scope` when the caller is a key that is not for this."""
    if actor.scopes and permission not in actor.scopes:
        raise Forbidden(
            "missing_scope",
            f"This key does not have the scope {permission!r}.",
            hint="Make a key with that scope, or use another one.",
        )


def default_team(actor: Actor) -> str:
    """The id of the team that is meant when a request names none.

    A key's own team, or a person's personal team; which of the two was known when they signed in,
    so that this usually reads nothing.
    """
    team = actor.team or actor.home
    if not team:
        user = user_of(actor.user)
        team = user.home if user else ""
    if not team:
        raise not_found("team", "(default)")
    return team


def team_named(name: str) -> str:
    """A team's id from its id or slug; the given text when there is none, which `require` refuses.

    Not a decision: whoever calls this calls `require` with the answer.
    """
    if ids.is_id(name, "team"):
        return name
    return owner_of("team", name) or name


def authorise_team(actor: Actor, permission: str, scope: str, path: dict[str, str]) -> Membership:
    """Decide about routes whose path names a team."""
    name = path[scope]
    return require(actor, team_named(name), permission, absent=not_found("team", name))
