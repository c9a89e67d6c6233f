"""The tokens in mails, by their hash: each is good once, for one purpose, for a while."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.accounts.rules.links import SECONDS, Purpose, is_token, new_token
from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find
from chalicelib.identity.rows import UserRow
from chalicelib.identity.rules import digest


class LinkRow(CoreRow):
    """What a token in a mail does: `LINK#hash` / `META`."""

    purpose = UnicodeAttribute()
    email = UnicodeAttribute()
    """The address that the mail went to."""
    user = UnicodeAttribute(default="")
    name = UnicodeAttribute(null=True)
    password_hash = UnicodeAttribute(null=True)
    """`verify`: what the account shall have. Whoever signed up with the address of somebody else
    chose a password of their own, which must not become that of the person who opens the link.
    Without one the account has none."""
    seal = UnicodeAttribute(default="")
    """`reset`: hash of the password that is forgotten; with another one the link is of no use.
    `email`: hash of password, address and sessions of whoever asked; once one of them is another
    one, somebody may have been found out, or has asked again."""
    expires_at = NumberAttribute()


def new_link(
    purpose: Purpose, email: str, user: UserRow | None = None, *, signed_up: bool = False
) -> tuple[LinkRow, str]:
    """A link that is not saved yet, and its token. `signed_up` keeps name and password in it."""
    token = new_token()
    expires = clock.epoch(SECONDS[purpose])
    row = LinkRow(
        f"LINK#{digest(token)}",
        "META",
        purpose=purpose,
        email=email,
        user=user.id if user else "",
        seal=seal_of(user, purpose) if user else "",
        expires_at=expires,
        ttl=expires,
    )
    if user is not None and signed_up:
        row.name, row.password_hash = user.name, user.password_hash
    return row, token


def link_of(token: str, *purposes: Purpose) -> LinkRow | None:
    """The link of a token, if it is still good for one of these purposes."""
    if not is_token(token):
        return None
    row = find(LinkRow, f"LINK#{digest(token)}")
    if row is None or row.purpose not in purposes or row.expires_at < clock.epoch():
        return None
    return row


def seal_of(user: UserRow, purpose: Purpose) -> str:
    """What tells one state of a user from the next one, as far as it counts for the purpose."""
    known = f"{user.id} {user.password_hash or ''}"
    if purpose == "email":
        known = f"{known} {user.email} {int(user.sessions_from)}"
    return digest(known)
