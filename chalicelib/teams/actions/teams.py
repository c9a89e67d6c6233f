"""Teams: made, listed, renamed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import DoesNotExist, TransactWriteError, UpdateError

from chalicelib.core import etag, ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, not_found
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.rows import UniqueRow, UserRow, unique
from chalicelib.teams import rows
from chalicelib.teams.rules import check_name, check_slug


@dataclass(frozen=True)
class TeamOfUser:
    """A team as one of its members sees it."""

    id: str
    slug: str
    name: str
    role: str
    version: int


def create_team(user: str, slug: str, name: str) -> TeamOfUser:
    """A new team that `user` owns. Raises ValueError for a bad slug or name, Conflict if taken."""
    team = rows.new_team(ids.new("team"), check_slug(slug), check_name(name))
    try:
        with write() as transaction:
            transaction.save(unique("team", slug, team.id), condition=UniqueRow.pk.does_not_exist())
            transaction.save(team)
            transaction.save(rows.new_member(team.id, user, "owner"))
    except TransactWriteError as error:
        if lost_condition(error):
            raise Conflict(
                "slug_taken", f"The slug {slug!r} is taken.", hint="Choose another one."
            ) from None
        raise
    return _seen(team, "owner")


def list_teams(actor: Actor, **at: Any) -> tuple[list[TeamOfUser], Any]:
    """One page of the caller's teams, and where it ended."""
    found = rows.members_of_user(actor.user, **at)
    members = _visible(actor, found)
    return _joined(members, rows.teams_of(members)), found.last_evaluated_key


def whoami(actor: Actor) -> tuple[UserRow, list[TeamOfUser]]:
    """The caller and their teams (at most 99 of them): two reads."""
    members = _visible(actor, rows.members_of_user(actor.user, limit=99))
    user, teams = rows.person_and_teams(actor.user, members)
    if user is None:
        raise not_found("user", actor.user)
    return user, _joined(members, teams)


def rename_team(team: str, role: str, name: str, expected: int | None) -> TeamOfUser:
    """Change a team's name, if its version is still `expected` (None = whatever it is)."""
    kind = rows.TeamRow
    row = rows.team_of(team)
    if row is None:
        raise not_found("team", team)
    if expected is not None and expected != row.version:
        raise etag.stale(int(row.version))
    try:
        row.update(
            actions=[kind.name.set(check_name(name)), kind.version.set(kind.version + 1)],
            condition=kind.version == row.version,
        )
    except (UpdateError, DoesNotExist) as error:
        if isinstance(error, UpdateError) and not lost_condition(error):
            raise
        now = rows.team_of(team)
        raise etag.stale(int(now.version) if now else 0) from None
    return _seen(row, role)


def _visible(actor: Actor, members: Iterable[rows.MemberRow]) -> list[rows.MemberRow]:
    return [m for m in members if not actor.team or m.team == actor.team]


def _joined(members: list[rows.MemberRow], teams: dict[str, rows.TeamRow]) -> list[TeamOfUser]:
    return [_seen(teams[m.team], m.role) for m in members if m.team in teams]


def _seen(team: rows.TeamRow, role: str) -> TeamOfUser:
    return TeamOfUser(team.id, team.slug, team.name, role, int(team.version))
