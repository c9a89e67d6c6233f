"""Identities elsewhere that belong to a user."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, below, find
from chalicelib.identity.rows.users import UniqueRow, owner_of, unique

_KIND = "idp"


class IdentityRow(CoreRow):
    """An identity of a user: `USER#id` / `IDENTITY#provider`; one of each provider.

    The claim `UNIQ#idp#provider#subject` beside it keeps the identity from having two owners.
    """

    provider = UnicodeAttribute()
    subject = UnicodeAttribute()
    email = UnicodeAttribute(default="")
    linked_at = UnicodeAttribute()


def new_identity(user: str, provider: str, subject: str, email: str) -> IdentityRow:
    """An identity that is not saved yet."""
    return IdentityRow(
        f"USER#{user}",
        f"IDENTITY#{provider}",
        provider=provider,
        subject=subject,
        email=email,
        linked_at=clock.iso(),
    )


def identity_claim(provider: str, subject: str, user: str) -> UniqueRow:
    """The claim on an identity, not saved yet."""
    return unique(_KIND, f"{provider}#{subject}", user)


def user_by_identity(provider: str, subject: str) -> str | None:
    """The id of the user whose identity it is."""
    return owner_of(_KIND, f"{provider}#{subject}")


def identities_of(user: str) -> list[IdentityRow]:
    """The identities of a user."""
    return list(below(IdentityRow, f"USER#{user}", "IDENTITY#"))


def identity_of(user: str, provider: str) -> IdentityRow | None:
    """The identity of a user at a provider."""
    return find(IdentityRow, f"USER#{user}", f"IDENTITY#{provider}")
