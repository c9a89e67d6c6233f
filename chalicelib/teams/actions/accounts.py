"""New accounts."""

from __future__ import annotations

import secrets

from pynamodb.exceptions import TransactWriteError

from chalicelib.core import census, ids
from chalicelib.core.errors import Conflict
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.actions import create_user, user_by_email
from chalicelib.identity.rows import UniqueRow, UserRow, unique
from chalicelib.teams import rows
from chalicelib.teams.rules import slug_from

_TRIES = 4


def create_owner_account(
    email: str, name: str, password: str | None, *, admin: bool = False
) -> UserRow:
    """An active account with its personal team, for somebody whose e-mail needs no proof.

    Asked again with the same e-mail it gives the account that is there and changes nothing, the
    password included. Raises ValueError for a bad e-mail or password.
    """
    return create_account(email, name, password, admin=admin)[0]


def create_account(
    email: str,
    name: str,
    password: str | None = None,
    *,
    hashed: str | None = None,
    verified: bool = True,
    admin: bool = False,
) -> tuple[UserRow, bool]:
    """A user, their personal team and their ownership of it, in one transaction.

    Returns the account, and whether it was made just now: of several who ask at once one is told
    so. Of one that was there nothing is changed. Options as of `create_user`.
    """
    known = user_by_email(email)
    for attempt in range(_TRIES):
        if known is not None:
            return known, False
        team = ids.new("team")
        slug = slug_from(email.partition("@")[0], secrets.token_hex(2) if attempt else "")
        try:
            with write() as transaction:
                user = create_user(
                    transaction,
                    email,
                    name,
                    password,
                    home=team,
                    hashed=hashed,
                    verified=verified,
                    admin=admin,
                )
                transaction.save(
                    unique("team", slug, team), condition=UniqueRow.pk.does_not_exist()
                )
                transaction.save(rows.new_team(team, slug, f"{user.name}'s team"))
                transaction.save(rows.new_member(team, user.id, "owner"))
                census.count(transaction, team, {"users": 1, "teams": 1})
            return user, True
        except TransactWriteError as error:
            if not lost_condition(error):
                raise
            known = user_by_email(email)  # or only the slug was taken
    if known is not None:
        return known, False
    raise Conflict("slug_taken", "No free slug was found for the team.", hint="Try again.")
