"""Roles in one project, and which projects a team has. The caller was authorised before."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, not_found
from chalicelib.core.paging import Part
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.actions import revoke_key, user_by_email
from chalicelib.identity.rows import UserRow, api_keys_of, user_of
from chalicelib.teams import rows
from chalicelib.teams.actions.authority import Membership
from chalicelib.teams.actions.members import MemberOfTeam, check_gift, seen
from chalicelib.teams.rules.roles import check_project_role

_TRIES = 4


def person_named(name: str) -> UserRow:
    """An account by id or e-mail; raises NotFound."""
    person = user_of(name) if ids.is_id(name, "usr") else user_by_email(name)
    if person is None:
        raise not_found("user", name)
    return person


def list_project_members(project: str, **at: Any) -> tuple[list[MemberOfTeam], Any]:
    """One page of those who have a role in a project, and where it ended."""
    found = rows.project_members_page(project, **at)
    return seen(list(found)), found.last_evaluated_key


def project_roles(actor: Actor, **at: Any) -> Any:
    """The caller's own roles in projects, a page at a time; a key's only in its team."""
    found = rows.project_roles_of_user(actor.user or actor.id, **at)  # a machine has none
    return Part(found, lambda row: actor.team in {"", row.team})


def set_project_role(
    by: Membership, project: str, person: UserRow, role: str
) -> tuple[MemberOfTeam, str | None]:
    """Give somebody a role in one project, in the team or not; and which they had before.

    It counts from their next request on.
    """
    check_gift(by, check_project_role(role))
    for _ in range(_TRIES):
        before = rows.project_member_of(project, person.id)
        if before is not None:
            check_gift(by, before.role)
        row, grant = rows.new_project_member(by.team, project, person.id, role)
        if before is not None:
            row.created_at = before.created_at
        if _given(by.team, row, grant, before):
            return seen([row])[0], str(before.role) if before is not None else None
    raise Conflict("conflict", "The members were changed in the meantime.", hint="Try again.")


def remove_project_member(by: Membership, project: str, person: str) -> str:
    """Take somebody's role in a project, or give up one's own; the role they had."""
    row = rows.project_member_of(project, person)
    if row is None:
        raise not_found("member", person)
    if person != by.user:
        check_gift(by, row.role)
    _take(row)
    return str(row.role)


def hold_project(transaction: TransactWrite, team: str, project: str) -> None:
    """Add to a transaction that a team gets a project; refused when the team was deleted."""
    rows.grown(transaction, team)
    transaction.save(rows.holding(team, project))


def drop_project(transaction: TransactWrite, team: str, project: str) -> None:
    """Add to a transaction that a team has a project no more."""
    transaction.delete(rows.holding(team, project))


def clear_project(team: str, project: str) -> None:
    """Tidy up after a project was deleted: the roles in it and its deploy keys."""
    for row in rows.project_members_of(project):
        _take(row)
    for key in api_keys_of(team):
        if key.project == project:
            revoke_key(key)


def _given(
    team: str,
    row: rows.ProjectMemberRow,
    grant: rows.GrantRow,
    before: rows.ProjectMemberRow | None,
) -> bool:
    kind, member = rows.ProjectMemberRow, rows.MemberRow
    unchanged: Condition = kind.pk.does_not_exist()
    if before is not None:
        unchanged = kind.role == before.role
    inside = rows.member_of(team, row.user)
    try:
        with write() as transaction:
            if inside is None:
                transaction.condition_check(
                    member, f"TEAM#{team}", f"MEMBER#{row.user}", condition=~member.pk.exists()
                )
            else:  # whoever removes them from the team sees this role, or loses the race
                transaction.update(
                    inside,
                    actions=[member.grants.set((member.grants | 0) + 1)],
                    condition=member.pk.exists(),
                )
            transaction.save(row, condition=unchanged)
            transaction.save(grant)
    except TransactWriteError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _take(row: rows.ProjectMemberRow) -> None:
    with write() as transaction:
        transaction.delete(row)
        transaction.delete(rows.new_project_member(row.team, row.project, row.user, "")[1])
