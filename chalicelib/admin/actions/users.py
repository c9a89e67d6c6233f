"""Accounts, as those see them who run the installation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.admin.actions.authority import Administrator, refused, still_administers
from chalicelib.admin.rules import matches, prefix_of
from chalicelib.core import clock, ids
from chalicelib.core.errors import Conflict, not_found
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.actions import end_sessions, notices, user_by_email
from chalicelib.identity.actions.factors import clear
from chalicelib.identity.rows import (
    UserRow,
    keep_listed,
    running_sessions,
    user_of,
    users_page,
)
from chalicelib.teams import rows as team_rows

EXAMINED = 1000
"""How many accounts one page looks at; a page of a rare name may be short, and has a next one."""

_STEP = 100
_MOST = 100


@dataclass(frozen=True)
class Account:
    """An account with what belongs to it; sessions and teams are counted up to a hundred."""

    user: UserRow
    sessions: int
    teams: list[tuple[team_rows.TeamRow, str]]


def list_users(
    query: str, status: str | None, admin: bool | None, limit: int, after: str
) -> tuple[list[UserRow], str]:
    """Accounts by e-mail behind `after`, and behind which one to go on; "" at the end."""
    found: list[UserRow] = []
    for _ in range(EXAMINED // _STEP):
        batch = users_page(limit=_STEP, after=after, prefix=prefix_of(query))
        for user in batch:
            after = str(user.gsi2sk)
            if _wanted(user, query, status, admin):
                found.append(user)
                if len(found) == limit:
                    return found, after
        if len(batch) < _STEP:
            return found, ""
    return found, after


def _wanted(user: UserRow, query: str, status: str | None, admin: bool | None) -> bool:
    if status not in {None, user.status} or admin not in {None, user.admin}:
        return False
    return matches(query, user.name, user.email)


def find_user(name: str) -> UserRow:
    """An account by id or e-mail, read consistently; raises NotFound."""
    user = user_of(name) if ids.is_id(name, "usr") else user_by_email(name)
    if user is None:
        raise not_found("user", name)
    keep_listed(user)
    return user


def look_at(name: str) -> Account:
    """An account with its sessions and teams."""
    user = find_user(name)
    running = running_sessions(user.id, int(user.sessions_from), clock.epoch(), limit=_MOST)
    members = list(islice(team_rows.members_of_user(user.id, limit=_MOST), _MOST))
    teams = team_rows.teams_of(members)
    for team in teams.values():
        team_rows.keep_listed(team)
    mine = [(teams[m.team], m.role) for m in members if m.team in teams]
    return Account(user, sum(1 for _ in running), mine)


def suspend_user(by: Administrator, user: UserRow) -> None:
    """Shut an account out from its next request on: sessions and keys alike.

    Sessions are over for good, keys work again when the account is restored.
    """
    _check_other(by, user)
    row = UserRow
    _change(
        by,
        user,
        [
            row.status.set("suspended"),
            row.status_before.set(user.status),
            row.sessions_from.set(clock.now_ms() + 1),
        ],
        (row.status == user.status) | row.status.does_not_exist(),
    )
    end_sessions(user.id, "suspended")


def restore_user(by: Administrator, user: UserRow) -> None:
    """Give an account back as it was."""
    row = UserRow
    _change(
        by,
        user,
        [row.status.set(user.status_before or "active"), row.status_before.remove()],
        row.status == "suspended",
    )


def clear_factors(by: Administrator, user: UserRow) -> None:
    """Remove the second factors of somebody who lost them, and end their sessions.

    The account is told by mail. Raises Conflict `own_account`: one's own are removed one by one,
    by proving one of them.
    """
    _check_other(by, user)
    clear(user.id)
    notices.factors_cleared(user)


def set_admin(by: Administrator, user: UserRow, admin: bool) -> None:
    """Let somebody run the installation, or no longer.

    Raises Conflict `own_account`, or `account_not_active` for somebody who could not sign in.
    """
    if not admin:
        _check_other(by, user)
    elif user.status != "active":
        raise Conflict(
            "account_not_active",
            f"This account is {user.status}.",
            hint="Restore it, or let the e-mail address be verified first.",
        )
    row = UserRow
    _change(
        by,
        user,
        [row.admin.set(admin)],
        (row.status == user.status) | row.status.does_not_exist(),
    )


def _check_other(by: Administrator, user: UserRow) -> None:
    # as each change needs an administrator beside it, the last one stays
    if user.id == by.user:
        raise Conflict(
            "own_account",
            "Nobody takes the installation from themselves: it would be without anybody.",
            hint="Ask another administrator, or make somebody one who can.",
        )


def _change(by: Administrator, user: UserRow, actions: list[Action], when: Condition) -> None:
    """Change an account while `by` still runs the installation: two cannot end each other."""
    row = UserRow
    common = [row.updated_at.set(clock.iso()), row.version.set((row.version | 0) + 1)]
    try:
        with write() as transaction:
            if user.id != by.user:
                transaction.condition_check(
                    row, f"USER#{by.user}", "PROFILE", condition=still_administers()
                )
            transaction.update(user, actions=[*actions, *common], condition=when)
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        current = user_of(by.user)
        if current is None or not current.admin or current.status != "active":
            raise refused() from None
        raise Conflict(
            "conflict", "The account was changed in the meantime.", hint="Look at it again."
        ) from None
    user.refresh(consistent_read=True)
