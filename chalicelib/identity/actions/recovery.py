"""Recovery codes: the way in when every other factor is lost."""

from __future__ import annotations

from pynamodb.exceptions import UpdateError

from chalicelib.core import clock
from chalicelib.core.errors import Conflict
from chalicelib.core.table import lost_condition
from chalicelib.identity import rows
from chalicelib.identity.rules import digest, new_recovery_codes, normal_recovery_code


def new_codes(user: str) -> tuple[list[str], rows.RecoveryRow]:
    """Ten codes to show this once, and the row that replaces all codes before; not saved yet."""
    codes = new_recovery_codes()
    return codes, rows.new_recovery(user, {_stored(user, code) for code in codes}, clock.iso())


def renew(user: rows.UserRow) -> list[str]:
    """Ten new codes instead of those before; raises Conflict `no_factors` without a factor."""
    if not user.factors:
        raise Conflict(
            "no_factors",
            "Recovery codes stand in for a second factor, and there is none.",
            hint="Add an authenticator app or a passkey first; codes come with it.",
        )
    codes, row = new_codes(user.id)
    row.save()
    return codes


def left(user: str) -> int:
    """How many codes nobody has used."""
    row = rows.recovery_of(user)
    return len(row.codes or ()) if row is not None else 0


def spend(user: str, code: str) -> bool:
    """Use a code up; False when it is none, or was used before."""
    if not normal_recovery_code(code):
        return False
    kind, stored = rows.RecoveryRow, _stored(user, code)
    try:
        rows.recovery_named(user).update(
            actions=[kind.codes.delete({stored})], condition=kind.codes.contains(stored)
        )
    except UpdateError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _stored(user: str, code: str) -> str:
    """80 random bits need no slow hash; the person is part of it, so a code is theirs alone."""
    return digest(f"{user}:{normal_recovery_code(code)}")
