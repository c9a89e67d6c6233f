"""The ways into an account: a password, passkeys, identities elsewhere. One of them stays."""

from __future__ import annotations

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.core.errors import Conflict
from chalicelib.identity import rows


def require_another(user: rows.UserRow, *, provider: str = "", factor: str = "") -> None:
    """Raise Conflict `last_sign_in_method` unless somebody comes in without this one.

    Write what follows with `unchanged` and `counted`: else two removals at the same time could both
    believe that the other way stays.
    """
    if user.password_hash is not None:
        return
    if any(row.provider != provider for row in rows.identities_of(user.id)):
        return
    if any(f.kind == "passkey" and f.id != factor for f in rows.factors_of(user.id)):
        return
    raise Conflict(
        "last_sign_in_method",
        "This is the only way into your account.",
        hint="Set a password, add a passkey or link another provider first.",
    )


def unchanged(user: rows.UserRow) -> Condition:
    """No way in was added or taken since the account was read."""
    kind = rows.UserRow
    version: Condition = (kind.version == user.version) | kind.version.does_not_exist()
    factors: Condition = kind.factors == user.factors
    if not user.factors:
        factors = factors | kind.factors.does_not_exist()
    both: Condition = version & factors
    return both


def counted() -> Action:
    """Marks an account whose ways in change."""
    kind = rows.UserRow
    return kind.version.set((kind.version | 1) + 1)
