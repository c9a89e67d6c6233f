"""Who owns an installation: the first account, and the way back in without a password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from pynamodb.exceptions import PutError

from chalicelib.core.observe import logger
from chalicelib.core.table import lost_condition
from chalicelib.identity import rows
from chalicelib.identity.actions import end_sessions, set_password
from chalicelib.identity.actions.factors import clear as clear_factors
from chalicelib.identity.actions.users import make_admin
from chalicelib.teams.actions.accounts import create_account

_CLAIM = ("installation", "owner")


@dataclass(frozen=True)
class Owner:
    """The owner's e-mail; `password` only when it was made just now, for nobody keeps it."""

    email: str
    created: bool
    password: str | None


def first_owner(email: str, name: str) -> Owner:
    """The owner of this installation, made with an account unless there is one.

    An account that is there already becomes the owner and keeps its password, unless nobody has
    proved yet that the e-mail is theirs: a stranger may have made it. Raises ValueError for a bad
    e-mail.
    """
    known = _owner()
    if known is not None:
        return Owner(known.email, created=False, password=None)
    password = secrets.token_urlsafe(18)
    user, created = create_account(email, name, password)
    if not created and user.status == "pending":
        set_password(user, password)
        created = True
    try:
        rows.unique(*_CLAIM, user.id).save(condition=rows.UniqueRow.pk.does_not_exist())
    except PutError as error:
        if not lost_condition(error):
            raise
        first = _owner()
        if first is not None and first.id != user.id:
            return Owner(first.email, created=False, password=None)
    make_admin(user)
    logger().info("owner_made", extra={"user": user.id, "new": created})
    return Owner(user.email, created, password if created else None)


def reset_owner() -> Owner:
    """Give the owner a new password, without second factors, and end all their sessions.

    Who may do this has a right in the account itself, and may have lost what the factors are on.
    API keys go on working.

    Raises LookupError when the installation has no owner.
    """
    user = _owner()
    if user is None:
        raise LookupError("This installation has no owner yet: run the installer with an e-mail.")
    password = secrets.token_urlsafe(18)
    set_password(user, password)
    clear_factors(user.id)
    ended = end_sessions(user.id, "password_reset")
    logger().warning("owner_reset", extra={"user": user.id, "sessions": ended})
    return Owner(user.email, created=False, password=password)


def _owner() -> rows.UserRow | None:
    user = rows.owner_of(*_CLAIM)
    return rows.user_of(user) if user else None
