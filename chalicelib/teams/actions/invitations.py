"""Invitations into a team: sent by mail, good once, for one address, for seven days."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.console import console_url
from chalicelib.core.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    TooMany,
    Unavailable,
    not_found,
)
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.actions import user_by_email
from chalicelib.identity.rows import UserRow, api_key_by_id, user_of
from chalicelib.identity.rows.letters import may_send, not_sent
from chalicelib.identity.rules import normal_email
from chalicelib.ports import Message, services
from chalicelib.teams import rows
from chalicelib.teams.actions import leaving
from chalicelib.teams.actions.authority import Membership
from chalicelib.teams.actions.members import already_member, check_gift
from chalicelib.teams.rules.invitations import (
    KIND,
    OPEN_MAX,
    harmless,
    is_token,
    letter,
    new_token,
)
from chalicelib.teams.rules.roles import check_role, may, may_give

_TRIES = 16


@dataclass(frozen=True)
class Looked:
    """What an invitation's token tells whoever holds it."""

    team: str
    slug: str
    team_name: str
    email: str
    role: str
    invited_by: str
    expires_at: str


@dataclass(frozen=True)
class Joined:
    """A team that somebody joined, and as what."""

    team: str
    slug: str
    team_name: str
    role: str


def invite(actor: Actor, by: Membership, email: str, role: str) -> rows.InvitationRow:
    """Invite an address into the team of `by`, or again: then only the new token is good.

    Raises ValueError for a bad address, Forbidden for a role above the inviter's, Conflict
    `already_member` and `too_many_invitations`, TooMany `too_many_letters`,
    Unavailable when no mail can be sent now.
    """
    email = normal_email(email)
    check_gift(by, check_role(role))
    team = _team(by.team)
    person = user_by_email(email)
    if person is not None and rows.member_of(by.team, person.id) is not None:
        raise already_member()
    if not may_send(email, KIND):
        raise _enough()
    try:
        token = new_token()
        row = _written(actor, by, email, role, token)
        _send(team, row, token)
    except Problem:
        not_sent(email, KIND)
        raise
    return row


def list_invitations(team: str, **at: Any) -> Any:
    """The invitations into a team that nobody has accepted, a page at a time."""
    return rows.open_invitations_page(team, **at)


def revoke_invitation(by: Membership, identifier: str) -> rows.InvitationRow:
    """Take an invitation back; its token is refused from now on."""
    for row in rows.invitations_of(by.team):
        if row.id == identifier and row.state == "open" and leaving.withdraw(row):
            return row
    raise not_found("invitation", identifier)


def look(token: str) -> Looked:
    """Who invites whom into what. Raises NotFound `invitation_not_found`, Conflict when late."""
    row = _opened(token)
    team = rows.team_of(row.team)
    if row.state != "open" or team is None or team.deleted_at or not _still_meant(row):
        raise _unknown()
    return Looked(
        team.id,
        team.slug,
        team.name,
        row.email,
        row.role,
        _inviter(row),
        clock.iso(int(row.expires_at) * 1000),
    )


def accept(actor: Actor, token: str) -> Joined:
    """Join a team as the person who is signed in."""
    user = user_of(actor.user) if actor.kind == "user" else None
    if user is None:
        raise Forbidden(
            "session_required",
            "Only a person can accept an invitation, not a key.",
            hint="Sign in with `deck login` and use that token.",
        )
    return redeem(token, user)


def redeem(token: str, user: UserRow) -> Joined:
    """Let a person join by an invitation's token; a second time it answers the same.

    Raises NotFound for a token that was replaced, revoked or used by somebody else, and when the
    inviter may not invite any more; Conflict `invitation_expired`; Forbidden
    `invitation_for_another_address`.
    """
    for _ in range(_TRIES):
        row = _opened(token)
        if row.email != user.email:
            raise Forbidden(
                "invitation_for_another_address",
                "This invitation is for another e-mail address than yours.",
                hint="Sign in with the account of that address, or ask for a new invitation.",
            )
        if row.state == "accepted":
            return _joined_before(row, user)
        if _join(row, user):
            return _joined(row.team, user.id)
        _pause()
    raise Conflict("conflict", "The team was changed in the meantime.", hint="Try again.")


def _written(actor: Actor, by: Membership, email: str, role: str, token: str) -> rows.InvitationRow:
    kind, member = rows.InvitationRow, rows.MemberRow
    for _ in range(_TRIES):
        guard = int(_team(by.team).guard)
        known = {row.email: row for row in rows.invitations_of(by.team)}
        _check_room(list(known.values()), email)
        earlier = known.get(email)
        row, way = rows.new_invitation(by.team, email, role, by.user or actor.id, token)
        unchanged: Condition = kind.pk.does_not_exist()
        if earlier is not None:
            unchanged = kind.token_hash == earlier.token_hash
        try:
            with write() as transaction:
                rows.grown(transaction, by.team, guard)
                if by.user:
                    transaction.condition_check(
                        member,
                        f"TEAM#{by.team}",
                        f"MEMBER#{by.user}",
                        condition=member.role == by.role,
                    )
                transaction.save(row, condition=unchanged)
                transaction.save(way)
                if earlier is not None:
                    transaction.delete(rows.invitation_token(earlier))
        except TransactWriteError as error:
            if not lost_condition(error):
                raise
            _pause()
            continue
        return row
    raise Conflict("conflict", "The team was changed in the meantime.", hint="Try again.")


def _check_room(known: list[rows.InvitationRow], email: str) -> None:
    now = clock.epoch()
    others = [r for r in known if r.state == "open" and r.expires_at > now and r.email != email]
    if len(others) >= OPEN_MAX:
        raise Conflict(
            "too_many_invitations",
            f"A team has at most {OPEN_MAX} open invitations.",
            hint="Revoke some that nobody will accept.",
        )


def _send(team: rows.TeamRow, row: rows.InvitationRow, token: str) -> None:
    subject, text = letter(
        inviter=_inviter(row),
        team=team.name if harmless(team.name) else team.slug,
        role=row.role,
        email=row.email,
        token=token,
        until=clock.iso(int(row.expires_at) * 1000)[:10],
        console=console_url(),
        api=settings().api_url,
    )
    try:
        services().mail.send(Message(KIND, row.email, subject, text))
    except OSError:
        raise Unavailable(
            "mail_unavailable",
            "The invitation is made, but no mail can be sent right now.",
            hint="Invite the same address again in a moment: that sends a new mail.",
        ) from None


def _join(row: rows.InvitationRow, user: UserRow) -> bool:
    """Write the membership; False when something was changed meanwhile and is to be read again."""
    inviter = rows.member_of(row.team, row.invited_by)
    team, there = rows.team_and_member(row.team, user.id)
    if team is None or team.deleted_at or not _still_meant(row, inviter):
        raise _unknown()
    kind, member = rows.InvitationRow, rows.MemberRow
    if there is None:
        leaving.clear_keys(row.team, user.id)
    try:
        with write() as transaction:
            transaction.condition_check(rows.TeamRow, row.pk, "META", condition=rows.team_lives())
            if inviter is not None:
                transaction.condition_check(
                    member, inviter.pk, inviter.sk, condition=member.role == inviter.role
                )
            transaction.update(
                row,
                actions=[kind.state.set("accepted"), kind.accepted_by.set(user.id)],
                condition=(kind.state == "open") & (kind.token_hash == row.token_hash),
            )
            if there is None:
                transaction.save(
                    rows.new_member(row.team, user.id, row.role),
                    condition=member.pk.does_not_exist(),
                )
    except TransactWriteError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _opened(token: str) -> rows.InvitationRow:
    row = rows.invitation_behind(token) if is_token(token) else None
    if row is None:
        raise _unknown()
    if row.state == "open" and int(row.expires_at) <= clock.epoch():
        raise Conflict(
            "invitation_expired",
            "This invitation was good for seven days and has expired.",
            hint="Ask for a new one.",
        )
    return row


def _still_meant(row: rows.InvitationRow, inviter: rows.MemberRow | None = None) -> bool:
    """Whether whoever invited may still give that role."""
    if row.invited_by.startswith("key_"):
        key = api_key_by_id(row.invited_by)
        lives = key is not None and (key.expires_at is None or key.expires_at > clock.epoch())
        return key is not None and lives and _may_invite(key.role, row.role)
    inviter = inviter or rows.member_of(row.team, row.invited_by)
    return inviter is not None and _may_invite(inviter.role, row.role)


def _may_invite(inviter: str, role: str) -> bool:
    return may(inviter, "member.manage") and may_give(inviter, role)


def _inviter(row: rows.InvitationRow) -> str:
    person = user_of(row.invited_by)
    if person is None:
        return "A service token"
    name = " ".join(person.name.split())
    return f"{name} ({person.email})" if harmless(name) else person.email


def _joined_before(row: rows.InvitationRow, user: UserRow) -> Joined:
    if row.accepted_by != user.id:
        raise _unknown()
    return _joined(row.team, user.id)


def _joined(team: str, user: str) -> Joined:
    row, member = rows.team_and_member(team, user)
    if row is None or row.deleted_at or member is None:
        raise _unknown()
    return Joined(row.id, row.slug, row.name, member.role)


def _team(team: str) -> rows.TeamRow:
    row = rows.team_of(team)
    if row is None or row.deleted_at:
        raise not_found("team", team)
    return row


def _unknown() -> NotFound:
    return NotFound(
        "invitation_not_found",
        "There is no such invitation, or it was taken back.",
        hint="Check the whole token, or ask for a new invitation.",
    )


def _enough() -> TooMany:
    wait = 3600 - clock.epoch() % 3600
    return TooMany(
        "too_many_letters",
        "This address got as many invitations within this hour as one person wants.",
        hint="One that was sent before is still good; send another one in the next hour.",
        headers={"Retry-After": str(wait)},
    )


def _pause() -> None:
    time.sleep(random.uniform(0.005, 0.05))  # noqa: S311  # jitter
