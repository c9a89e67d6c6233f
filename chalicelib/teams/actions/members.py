"""Members of a team and their roles. The caller was authorised for `member.manage` before."""

from __future__ import annotations

from pynamodb.exceptions import DeleteError, PutError, TransactWriteError

from chalicelib.core.errors import Conflict, Forbidden, not_found
from chalicelib.core.table import lost_condition, write
from chalicelib.teams import rows
from chalicelib.teams.actions.authority import Membership
from chalicelib.teams.rules import ROLES


def add_member(by: Membership, user: str, role: str) -> Membership:
    """Put a user into the team of `by`. Raises Conflict when they are in it already."""
    _check_role(by, role)
    row = rows.new_member(by.team, user, role)
    try:
        row.save(condition=rows.MemberRow.pk.does_not_exist())
    except PutError as error:
        if lost_condition(error):
            raise Conflict(
                "already_member", "This person is in the team already.", hint="Change their role."
            ) from None
        raise
    return Membership(by.team, user, role)


def set_role(by: Membership, user: str, role: str) -> Membership:
    """Give a member another role. The last owner stays owner."""
    _check_role(by, role)
    member = _member(by, user)
    if member.role != role:
        _change(by.team, member, role)
    return Membership(by.team, user, role)


def remove_member(by: Membership, user: str) -> None:
    """Take a member out of the team. The last owner stays."""
    member = rows.member_of(by.team, user)
    if member is None:
        return
    _check_role(by, member.role)
    _change(by.team, member, None)


def _member(by: Membership, user: str) -> rows.MemberRow:
    member = rows.member_of(by.team, user)
    if member is None:
        raise not_found("member", user)
    _check_role(by, member.role)
    return member


def _check_role(by: Membership, role: str) -> None:
    if role not in ROLES:
        raise ValueError(f"A role is one of {', '.join(ROLES)}.")
    if role == "owner" and by.role != "owner":
        raise Forbidden(
            "owner_only", "Only an owner may make or change an owner.", hint="Ask an owner."
        )


def _change(team: str, member: rows.MemberRow, role: str | None) -> None:
    """Change or remove a membership; another owner must still be there in the same moment."""
    kind = rows.MemberRow
    try:
        with write() as transaction:
            if member.role == "owner" and role != "owner":
                other = _another_owner(team, member.user)
                transaction.condition_check(
                    kind, other.pk, other.sk, condition=kind.role == "owner"
                )
            if role is None:
                transaction.delete(member, condition=kind.role == member.role)
            else:
                transaction.update(
                    member, actions=[kind.role.set(role)], condition=kind.role == member.role
                )
    except (TransactWriteError, DeleteError) as error:
        if lost_condition(error):
            raise Conflict(
                "conflict", "The members were changed in the meantime.", hint="Read them again."
            ) from None
        raise


def _another_owner(team: str, user: str) -> rows.MemberRow:
    for row in rows.members_of(team):
        if row.role == "owner" and row.user != user:
            return row
    raise Conflict(
        "last_owner", "A team has at least one owner.", hint="Make somebody else owner first."
    )
