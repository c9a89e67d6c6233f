"""Users and their passwords."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pynamodb.transactions import TransactWrite

from chalicelib.core import clock, ids
from chalicelib.identity import rows
from chalicelib.identity.rules import check_password, normal_email

if TYPE_CHECKING:
    from argon2 import PasswordHasher

PASSES, MEMORY_KIB = 2, 19 * 1024
"""Of Argon2id, one lane: what OWASP names as the minimum."""


def create_user(
    transaction: TransactWrite,
    email: str,
    name: str,
    password: str | None,
    home: str,
    *,
    hashed: str | None = None,
    verified: bool = True,
    admin: bool = False,
) -> rows.UserRow:
    """Add a user and the claim on the e-mail to a transaction.

    `home` is the id of the team that is meant when a request names none. `hashed` is a password
    that `hash_password` saw before. Until the e-mail is verified an account is `pending`. Raises
    ValueError for a bad e-mail or password; the transaction is refused when the e-mail is taken.
    A user without a password signs in another way.
    """
    email = normal_email(email)
    if password is not None:
        hashed = hash_password(check_password(password))
    user = rows.new_user(ids.new("usr"), email, name.strip() or email, hashed, home)
    user.status = "active" if verified else "pending"
    user.verified_at = user.created_at if verified else None
    user.admin = admin
    claim = rows.unique("email", email, user.id)
    transaction.save(user, condition=rows.UserRow.pk.does_not_exist())
    transaction.save(claim, condition=rows.UniqueRow.pk.does_not_exist())
    return user


def user_by_email(email: str) -> rows.UserRow | None:
    """The user with this e-mail; None for a bad e-mail too."""
    try:
        owner = rows.owner_of("email", normal_email(email))
    except ValueError:
        return None
    return rows.user_of(owner) if owner else None


def make_admin(user: rows.UserRow) -> None:
    """Let a person run the installation: whoever says so vouches for their e-mail as well."""
    row = rows.UserRow
    user.update(
        actions=[
            row.admin.set(True),
            row.status.set("active"),
            row.verified_at.set(user.verified_at or clock.iso()),
            row.version.set((row.version | 0) + 1),
        ],
        condition=row.pk.exists(),
    )


def set_password(user: rows.UserRow, password: str) -> None:
    """Replace a user's password; raises ValueError for a bad one. Sessions go on."""
    hashed = hash_password(check_password(password))
    row = rows.UserRow
    user.update(actions=[row.password_hash.set(hashed)], condition=row.pk.exists())


def hash_password(password: str) -> str:
    """Argon2id, 19 MiB, two passes: what OWASP names as the minimum, about 20 ms."""
    return _hasher().hash(password)


def verify_password(user: rows.UserRow | None, password: str) -> bool:
    """Whether it is the user's password; takes as long when there is no such user."""
    from argon2.exceptions import InvalidHashError, VerificationError

    known = user is not None and user.password_hash is not None
    stored = user.password_hash if user is not None and known else _nobody()
    try:
        _hasher().verify(stored or "", password)
    except (VerificationError, InvalidHashError):
        return False
    return known


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return hash_password("the password of nobody")
