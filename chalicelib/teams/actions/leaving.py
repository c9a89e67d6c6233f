"""What goes with a person who leaves a team, and with a team that is deleted."""

from __future__ import annotations

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.core.table import lost_condition, write
from chalicelib.identity.actions import revoke_key
from chalicelib.identity.rows import api_keys_of
from chalicelib.teams import rows

_AT_ONCE = 40
"""Roles in projects that end together with a membership: a transaction holds a hundred items."""


def make_room(team: str, user: str) -> None:
    """End roles in projects until those that are left fit into the transaction of the leaving."""
    grants = list(rows.grants_of(team, user))
    while len(grants) > _AT_ONCE:
        some, grants = grants[:_AT_ONCE], grants[_AT_ONCE:]
        with write() as transaction:
            for grant in some:
                _take(transaction, grant)


def take_grants(transaction: TransactWrite, team: str, user: str) -> None:
    """Add to a transaction that every role of a person in projects of a team ends."""
    for grant in rows.grants_of(team, user):
        _take(transaction, grant)


def clear(team: str, user: str) -> None:
    """Tidy up after somebody left: their keys of the team, and the invitations that they sent.

    Neither is good for anything any more, because whoever uses them is asked for a membership.
    """
    clear_keys(team, user)
    for invitation in rows.invitations_of(team):
        if invitation.invited_by == user and invitation.state == "open":
            withdraw(invitation)


def clear_keys(team: str, user: str) -> None:
    """End the keys of somebody who is not in the team.

    Done once more before they join again: the list may not have shown the newest key when they
    left, and a membership would bring it back to life.
    """
    for key in api_keys_of(team):
        if key.kind == "api_key" and key.user == user:
            revoke_key(key)


def clear_team(team: str) -> None:
    """Tidy up after a team was deleted: keys, invitations and, last, the members."""
    for key in api_keys_of(team):
        revoke_key(key)
    for invitation in rows.invitations_of(team):
        withdraw(invitation)
    for member in rows.members_of(team):
        member.delete()


def withdraw(invitation: rows.InvitationRow) -> bool:
    """Remove an invitation and its token; False when it was replaced or accepted meanwhile."""
    kind = rows.InvitationRow
    try:
        with write() as transaction:
            transaction.delete(
                invitation,
                condition=(kind.token_hash == invitation.token_hash)
                & (kind.state == invitation.state),
            )
            transaction.delete(rows.invitation_token(invitation))
    except TransactWriteError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _take(transaction: TransactWrite, grant: rows.GrantRow) -> None:
    transaction.delete(rows.ProjectMemberRow(f"PROJ#{grant.project}", f"MEMBER#{grant.user}"))
    transaction.delete(grant)
