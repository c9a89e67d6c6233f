"""Members of a team and their roles. The caller was authorised before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import TransactWriteError

from chalicelib.core import ids, stepup
from chalicelib.core.errors import Conflict, Forbidden, not_found
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.actions import user_by_email
from chalicelib.identity.rows import user_of
from chalicelib.teams import rows
from chalicelib.teams.actions import leaving
from chalicelib.teams.actions.authority import Membership
from chalicelib.teams.rules.roles import check_role, may_give

_TRIES = 5


@dataclass(frozen=True)
class MemberOfTeam:
    """A member as others see them; `mfa` says whether they have a second factor."""

    user: str
    name: str
    email: str
    role: str
    joined_at: str
    mfa: bool


def member_named(name: str) -> str:
    """A person's id from their id or e-mail; the given text when there is none.

    Not a decision: whoever calls this looks for a member of that id.
    """
    if ids.is_id(name, "usr"):
        return name
    person = user_by_email(name)
    return person.id if person else name


def get_member(team: str, user: str) -> MemberOfTeam:
    """A member of a team; raises NotFound."""
    row = rows.member_of(team, user)
    if row is None:
        raise not_found("member", user)
    return seen([row])[0]


def list_members(team: str, **at: Any) -> tuple[list[MemberOfTeam], Any]:
    """One page of a team's members, and where it ended."""
    found = rows.members_page(team, **at)
    return seen(list(found)), found.last_evaluated_key


def seen(members: Iterable[rows.MemberRow | rows.ProjectMemberRow]) -> list[MemberOfTeam]:
    """Members with what their accounts say, in one read."""
    members = list(members)
    people = rows.people_of(m.user for m in members)
    return [
        MemberOfTeam(
            m.user,
            people[m.user].name,
            people[m.user].email,
            m.role,
            m.created_at,
            int(people[m.user].factors) > 0,
        )
        for m in members
        if m.user in people
    ]


def add_member(by: Membership, user: str, role: str) -> Membership:
    """Put a user into the team of `by`. Raises Conflict when they are in it already."""
    check_gift(by, check_role(role))
    if rows.member_of(by.team, user) is not None:
        raise already_member()
    leaving.clear_keys(by.team, user)
    try:
        with write() as transaction:
            transaction.condition_check(
                rows.TeamRow, f"TEAM#{by.team}", "META", condition=rows.team_lives()
            )
            transaction.save(
                rows.new_member(by.team, user, role), condition=rows.MemberRow.pk.does_not_exist()
            )
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        if rows.member_of(by.team, user) is None:
            raise not_found("team", by.team) from None
        raise already_member() from None
    return Membership(by.team, user, role)


def already_member() -> Conflict:
    """What to raise when somebody is in the team already."""
    return Conflict(
        "already_member", "This person is in the team already.", hint="Change their role."
    )


def set_role(by: Membership, user: str, role: str) -> str:
    """Give a member another role, from their next request on; the role they had before.

    The last owner stays owner.
    """
    check_gift(by, check_role(role))
    member = _member(by, user)
    before = member.role
    if before != role:
        _change(by, member, role)
    return str(before)


def remove_member(by: Membership, user: str) -> str:
    """Take a member out of the team, or leave it oneself; the role they had.

    With them go their roles in its projects, their keys of the team and the invitations that they
    sent. The last owner stays, and so does whoever has this team for their personal one.
    """
    member = _member(by, user)
    before = str(member.role)
    _change(by, member, None)
    leaving.clear(by.team, user)
    return before


def transfer(by: Membership, to: str) -> None:
    """Make another member owner and the owner `by` an admin, both in one moment.

    Raises NotFound, Forbidden `session_required` for a key, Conflict `already_owner`, and
    `account_not_active` for somebody who could not sign in: the team would be left without anybody.
    """
    member, own = rows.member_of(by.team, to), rows.member_of(by.team, by.user)
    if member is None or own is None:
        raise not_found("member", to)
    if by.granted is not None:
        stepup.require_person(by.granted.standing.actor, "give a team away")
    if member.role == "owner":
        raise Conflict(
            "already_owner",
            "This person is an owner already.",
            hint="Name another member, or change your own role.",
        )
    if not _who_sign_in([member]):
        raise Conflict(
            "account_not_active",
            "This person's account is not active, so the team would be left without an owner.",
            hint="Name another member.",
        )
    kind = rows.MemberRow
    try:
        with write() as transaction:
            transaction.update(
                member, actions=[kind.role.set("owner")], condition=kind.role == member.role
            )
            transaction.update(
                own, actions=[kind.role.set("admin")], condition=kind.role == "owner"
            )
    except TransactWriteError as error:
        if lost_condition(error):
            raise _crossed() from None
        raise


def check_gift(by: Membership, role: str) -> None:
    """Raise Forbidden unless `by` has everything that a role gives."""
    if may_give(by.role, role):
        return
    if role == "owner":
        raise Forbidden(
            "owner_only", "Only an owner may make or change an owner.", hint="Ask an owner."
        )
    raise Forbidden(
        "role_above_yours",
        f"The role {role!r} may do what your role {by.role!r} may not.",
        hint="Ask an owner of the team.",
    )


def _member(by: Membership, user: str) -> rows.MemberRow:
    member = rows.member_of(by.team, user)
    if member is None:
        raise not_found("member", user)
    if user != by.user:
        check_gift(by, member.role)
    return member


def _change(by: Membership, member: rows.MemberRow, role: str | None) -> None:
    """Change or remove a membership; another owner must still be there in the same moment."""
    for _ in range(_TRIES):
        if _changed(by.team, member, role):
            return
        member = _member(by, member.user)  # somebody was faster: decide again on what is there
        if member.role == role:
            return
    raise _crossed()


def _changed(team: str, member: rows.MemberRow, role: str | None) -> bool:
    kind = rows.MemberRow
    witness = None
    if member.role == "owner" and role != "owner":
        witness = _another_owner(team, member.user)
    if role is None:
        _check_home(team, member.user)
        leaving.make_room(team, member.user)
    grants = kind.grants == int(member.grants)
    unchanged = (kind.role == member.role) & (
        grants if member.grants else grants | kind.grants.does_not_exist()
    )
    try:
        with write() as transaction:
            if witness is not None:
                transaction.condition_check(
                    kind, witness.pk, witness.sk, condition=kind.role == "owner"
                )
            if role is None:
                transaction.delete(member, condition=unchanged)
                leaving.take_grants(transaction, team, member.user)
            else:
                transaction.update(
                    member, actions=[kind.role.set(role)], condition=kind.role == member.role
                )
    except TransactWriteError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _check_home(team: str, user: str) -> None:
    person = user_of(user)
    if person is not None and person.home == team:
        raise Conflict(
            "home_team",
            "This is the person's own team, which they cannot leave.",
            hint="Change their role instead.",
        )


def _another_owner(team: str, user: str) -> rows.MemberRow:
    others = [r for r in rows.members_of(team) if r.role == "owner" and r.user != user]
    for row in _who_sign_in(others):
        return row
    raise Conflict(
        "last_owner",
        "A team has at least one owner whose account is active.",
        hint="Make somebody else owner first.",
    )


def _who_sign_in(members: list[rows.MemberRow]) -> list[rows.MemberRow]:
    """Those whose accounts are neither suspended nor waiting for a proof of their address."""
    people = rows.people_of(member.user for member in members)
    return [m for m in members if m.user in people and people[m.user].status == "active"]


def _crossed() -> Conflict:
    return Conflict(
        "conflict", "The members were changed in the meantime.", hint="Read them again."
    )
