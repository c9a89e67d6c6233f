"""Who somebody is elsewhere: from the documents of a provider to one shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.accounts.rules.providers import Connection
from chalicelib.identity.rules import normal_email

_LONGEST_SUBJECT, _LONGEST_NAME = 255, 100
_STRONG = frozenset({"mfa", "hwk", "sc"})
"""Values of `amr` (RFC 8176): several factors, a key in hardware, a smart card."""


@dataclass(frozen=True)
class External:
    """A person as a provider knows them.

    `provider` is the connection's id. `subject` names the person there, and nobody else, for ever.
    `email` is empty when there is none that can be one; `email_verified` says that the provider
    vouches for it. `sso` is the team whose own provider it is, `strong` that a second factor was
    asked for.
    """

    provider: str
    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""
    strong: bool = False
    sso: str = ""


class Nobody(ValueError):  # noqa: N818  # the outcome, not a fault
    """The provider's answer names no one; the text says what is missing."""


def from_claims(connection: Connection, claims: dict[str, Any]) -> External:
    """Somebody by the checked claims of OpenID Connect; raises Nobody."""
    parts = [claims.get(name) for name in connection.provider.subject]
    words = [part for part in parts if isinstance(part, str) and part]
    if len(words) != len(parts):
        raise Nobody(f"the claim {' or '.join(connection.provider.subject)} is missing")
    methods = claims.get("amr")
    email = _email(claims.get("email"))
    said = claims.get(connection.provider.verified_by)
    # a team's own provider counts for the team's proven domains only, and some never say
    vouched = said in (True, 1, "1", "true") or (said is None and bool(connection.sso))
    return External(
        connection.id,
        _subject(connection, ":".join(words)),
        email=email,
        email_verified=bool(email) and vouched,
        name=_name(claims.get("name") or claims.get("preferred_username")),
        strong=isinstance(methods, list) and bool(_STRONG & {str(method) for method in methods}),
        sso=connection.sso,
    )


def from_github(connection: Connection, user: Any, emails: Any) -> External:
    """Somebody by GitHub's `/user` and `/user/emails`; raises Nobody."""
    number = user.get("id") if isinstance(user, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        raise Nobody("the user has no id")
    primary = _first(emails, "primary")
    email = _email(primary.get("email"))
    return External(
        connection.id,
        _subject(connection, str(number)),
        email=email,
        email_verified=bool(email) and primary.get("verified") is True,
        name=_name(user.get("name") or user.get("login")),
    )


def from_bitbucket(connection: Connection, user: Any, emails: Any) -> External:
    """Somebody by Bitbucket's `/user` and `/user/emails`; raises Nobody."""
    uuid = user.get("uuid") if isinstance(user, dict) else None
    if not isinstance(uuid, str) or not uuid:
        raise Nobody("the user has no uuid")
    primary = _first(emails.get("values") if isinstance(emails, dict) else None, "is_primary")
    email = _email(primary.get("email"))
    return External(
        connection.id,
        _subject(connection, uuid),
        email=email,
        email_verified=bool(email) and primary.get("is_confirmed") is True,
        name=_name(user.get("display_name") or user.get("nickname")),
    )


def _subject(connection: Connection, name: str) -> str:
    """A name that another issuer, configured later under the same provider, cannot claim."""
    if len(name) > _LONGEST_SUBJECT or not name.isprintable():
        raise Nobody("the subject is no text of at most 255 characters")
    # with tenants the issuer may be `common` or one tenant, and names the same people
    where = connection.provider.id if connection.provider.tenants else connection.issuer
    return f"{where}|{name}"


def _first(emails: Any, mark: str) -> dict[str, Any]:
    found = emails if isinstance(emails, list) else []
    return next((e for e in found if isinstance(e, dict) and e.get(mark) is True), {})


def _email(text: Any) -> str:
    try:
        return normal_email(text) if isinstance(text, str) else ""
    except ValueError:
        return ""


def _name(text: Any) -> str:
    if not isinstance(text, str):
        return ""
    return "".join(c for c in text if c.isprintable()).strip()[:_LONGEST_NAME]
