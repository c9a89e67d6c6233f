"""Second factors and recovery codes of a person, below the person's own key."""

from __future__ import annotations

from hashlib import sha256

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from chalicelib.core.table import CoreRow, below, find
from chalicelib.identity.rows.users import UniqueRow, owner_of, unique


class FactorRow(CoreRow):
    """An authenticator app (`totp`) or a passkey, confirmed: `USER#id` / `FACTOR#id`."""

    kind = UnicodeAttribute()
    name = UnicodeAttribute()
    created_at = UnicodeAttribute()
    used_at = NumberAttribute(null=True)
    sealed = BinaryAttribute(legacy_encoding=False, null=True)
    """The secret of an app, bound to user and factor."""
    last_step = NumberAttribute(default=0)
    """The newest time step whose code was accepted: a code is good once."""
    credential = UnicodeAttribute(null=True)
    """Id of a passkey, base64url."""
    public_key = BinaryAttribute(legacy_encoding=False, null=True)
    """COSE key of a passkey."""
    sign_count = NumberAttribute(default=0)
    transports = ListAttribute(of=UnicodeAttribute, default=list)
    verifies = BooleanAttribute(default=False)
    """Whether the passkey asked for a PIN or a finger when it was made, so it can be asked to."""

    @property
    def id(self) -> str:
        """The factor's id."""
        return self.sk.partition("#")[2]

    @property
    def user(self) -> str:
        """Whose it is."""
        return self.pk.partition("#")[2]


class PendingRow(CoreRow):
    """An authenticator app that nobody has confirmed yet: `USER#id` / `PENDING#totp`."""

    factor = UnicodeAttribute()
    sealed = BinaryAttribute(legacy_encoding=False)
    expires_at = NumberAttribute()


class RecoveryRow(CoreRow):
    """The recovery codes that are left, as hashes: `USER#id` / `RECOVERY`."""

    codes = UnicodeSetAttribute(null=True)
    created_at = UnicodeAttribute()


def new_factor(user: str, factor: str, kind: str, name: str, made: str) -> FactorRow:
    """A factor that is not saved yet."""
    return FactorRow(f"USER#{user}", f"FACTOR#{factor}", kind=kind, name=name, created_at=made)


def factors_of(user: str) -> list[FactorRow]:
    """The confirmed factors of a person, oldest first."""
    return list(below(FactorRow, f"USER#{user}", "FACTOR#"))


def factor_of(user: str, factor: str) -> FactorRow | None:
    """One factor of a person."""
    return find(FactorRow, f"USER#{user}", f"FACTOR#{factor}")


def passkey_claim(factor: FactorRow) -> UniqueRow:
    """The claim on a passkey's id, by which it is found when it is all that is given."""
    return unique("passkey", _hashed(factor.credential or ""), f"{factor.user}/{factor.id}")


def passkey_of(credential: str) -> FactorRow | None:
    """A passkey by its id."""
    user, _, factor = (owner_of("passkey", _hashed(credential)) or "").partition("/")
    return factor_of(user, factor) if factor else None


def new_pending(user: str, factor: str, sealed: bytes, expires: int) -> PendingRow:
    """An unconfirmed app that is not saved yet; there is one at a time."""
    return PendingRow(
        f"USER#{user}",
        "PENDING#totp",
        factor=factor,
        sealed=sealed,
        expires_at=expires,
        ttl=expires,
    )


def pending_of(user: str) -> PendingRow | None:
    """The unconfirmed app of a person."""
    return find(PendingRow, f"USER#{user}", "PENDING#totp")


def new_recovery(user: str, codes: set[str], made: str) -> RecoveryRow:
    """Recovery codes that are not saved yet; they replace all others."""
    return RecoveryRow(f"USER#{user}", "RECOVERY", codes=codes, created_at=made)


def recovery_of(user: str) -> RecoveryRow | None:
    """The recovery codes of a person."""
    return find(RecoveryRow, f"USER#{user}", "RECOVERY")


def recovery_named(user: str) -> RecoveryRow:
    """The recovery codes of a person, to change without reading them."""
    return RecoveryRow(f"USER#{user}", "RECOVERY")


def _hashed(credential: str) -> str:
    return sha256(credential.encode()).hexdigest()
