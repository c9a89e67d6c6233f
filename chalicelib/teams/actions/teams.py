"""Teams: made, listed, shown, changed, deleted."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import DoesNotExist, TransactWriteError, UpdateError

from chalicelib.core import census, clock, etag, ids, stepup
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, not_found
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.rows import UniqueRow, UserRow, unique
from chalicelib.teams import rows
from chalicelib.teams.actions import leaving
from chalicelib.teams.actions.authority import Membership
from chalicelib.teams.rules import check_name, check_slug, slug_from

_TRIES = 4


@dataclass(frozen=True)
class TeamOfUser:
    """A team as one of its members sees it."""

    id: str
    slug: str
    name: str
    role: str
    version: int


def create_team(user: str, slug: str | None, name: str) -> TeamOfUser:
    """A new team that `user` owns; without a slug one is made of the name.

    Raises ValueError for a bad slug or name, Conflict `slug_taken`.
    """
    name = check_name(name)
    for attempt in range(1 if slug is not None else _TRIES):
        wanted = slug or slug_from(name, secrets.token_hex(2) if attempt else "")
        team = rows.new_team(ids.new("team"), check_slug(wanted), name)
        if _claimed(team, user):
            return _seen(team, "owner")
    raise Conflict("slug_taken", f"The slug {wanted!r} is taken.", hint="Choose another one.")


def create_team_of(actor: Actor, slug: str | None, name: str) -> TeamOfUser:
    """The same for a caller, who has to be a person: a key belongs to one team."""
    stepup.require_person(actor, "make a team: it belongs to one")
    return create_team(actor.user, slug, name)


def list_teams(actor: Actor, **at: Any) -> tuple[list[TeamOfUser], Any]:
    """One page of the caller's teams, and where it ended."""
    if not actor.user:
        return _team_of_key(actor), None
    found = rows.members_of_user(actor.user, **at)
    members = _visible(actor, found)
    return _joined(members, rows.teams_of(members)), found.last_evaluated_key


def whoami(actor: Actor) -> tuple[UserRow | None, list[TeamOfUser]]:
    """The caller and their teams (at most 99 of them): two reads. A machine has no person."""
    if not actor.user:
        return None, _team_of_key(actor)
    members = _visible(actor, rows.members_of_user(actor.user, limit=99))
    user, teams = rows.person_and_teams(actor.user, members)
    if user is None:
        raise not_found("user", actor.user)
    for team in teams.values():
        rows.keep_listed(team)
    return user, _joined(members, teams)


def get_team(team: str) -> rows.TeamRow:
    """A team; raises NotFound. Callers were authorised."""
    row = rows.team_of(team)
    if row is None or row.deleted_at:
        raise not_found("team", team)
    return row


def is_active(team: str) -> bool:
    """Whether a team is there and not suspended."""
    row = rows.team_of(team)
    return row is not None and not row.deleted_at and row.status == "active"


def update_team(
    actor: Actor, team: str, changes: dict[str, Any], expected: int | None
) -> tuple[rows.TeamRow, dict[str, Any]]:
    """Change fields of a team, if its version is still `expected` (None = whatever it is).

    The team, and what the changed fields held before. Raises Conflict `mfa_first` for a caller who
    would lock themselves out, or who lets others in without having been asked for it, and
    Unauthenticated `step_up_required` where the second factor is asked for no longer.
    """
    row = get_team(team)
    if expected is not None and expected != row.version:
        raise etag.stale(int(row.version))
    changed = changes.get("mfa_required", row.mfa_required) != row.mfa_required
    if changed and not actor.mfa_for(row.id):
        raise Conflict(
            "mfa_first",
            "Only somebody who signed in with a second factor may change this.",
            hint="Set one up with POST /v1/me/factors/totp, and sign in with it.",
        )
    if row.mfa_required and not changes.get("mfa_required", True):
        stepup.require(actor)  # a session left open must not take the lock off
    kind = rows.TeamRow
    before = {name: getattr(row, name) for name in changes}
    actions = [
        getattr(kind, name).remove() if value is None else getattr(kind, name).set(value)
        for name, value in changes.items()
    ]
    try:
        row.update(
            actions=[*actions, kind.version.set(kind.version + 1)],
            condition=(kind.version == row.version) & rows.team_lives(),
        )
    except (UpdateError, DoesNotExist) as error:
        if isinstance(error, UpdateError) and not lost_condition(error):
            raise
        raise etag.stale(int(get_team(team).version)) from None
    return row, before


def delete_team(by: Membership) -> None:
    """End a team; its slug is free again.

    Raises Conflict `team_not_empty` while it has projects or DNS zones, whose records somebody may
    live by; `home_team` for somebody's own.
    """
    team = get_team(by.team)
    if held := rows.held(team.id):
        detail, hint = _LEFT[held]
        raise Conflict("team_not_empty", detail, hint=hint)
    people = rows.people_of(member.user for member in rows.members_of(team.id))
    if any(person.home == team.id for person in people.values()):
        raise Conflict(
            "home_team",
            "This is somebody's own team, which stays as long as the account.",
            hint="Delete teams that were made with `deck team create`.",
        )
    kind = rows.TeamRow
    known = kind.guard == int(team.guard)
    try:
        with write() as transaction:
            transaction.update(
                team,
                actions=[kind.deleted_at.set(clock.iso())],
                condition=rows.team_lives()
                & rows.uncount(transaction, team)
                & (known if team.guard else known | kind.guard.does_not_exist()),
            )
            transaction.delete(
                unique("team", team.slug, team.id), condition=UniqueRow.owner == team.id
            )
    except TransactWriteError as error:
        if lost_condition(error):
            raise Conflict(
                "conflict", "The team was changed in the meantime.", hint="Try again."
            ) from None
        raise
    leaving.clear_team(team.id)


_LEFT = {
    "projects": (
        "The team still has projects.",
        "Delete its projects first; `deck projects --team` lists them.",
    ),
    "zones": (
        "The team still keeps DNS zones.",
        "Give them up first; `deck dns zones --team` lists them.",
    ),
}


def _claimed(team: rows.TeamRow, owner: str) -> bool:
    try:
        with write() as transaction:
            transaction.save(
                unique("team", team.slug, team.id), condition=UniqueRow.pk.does_not_exist()
            )
            transaction.save(team)
            census.count(transaction, team.id, {"teams": 1})
            transaction.save(rows.new_member(team.id, owner, "owner"))
    except TransactWriteError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _team_of_key(actor: Actor) -> list[TeamOfUser]:
    row = rows.team_of(actor.team) if actor.team else None
    if row is None or row.deleted_at:
        return []
    return [_seen(row, actor.role or actor.kind)]


def _visible(actor: Actor, members: Iterable[rows.MemberRow]) -> list[rows.MemberRow]:
    return [m for m in members if not actor.team or m.team == actor.team]


def _joined(members: list[rows.MemberRow], teams: dict[str, rows.TeamRow]) -> list[TeamOfUser]:
    return [
        _seen(teams[m.team], m.role)
        for m in members
        if m.team in teams and not teams[m.team].deleted_at
    ]


def _seen(team: rows.TeamRow, role: str) -> TeamOfUser:
    return TeamOfUser(team.id, team.slug, team.name, role, int(team.version))
