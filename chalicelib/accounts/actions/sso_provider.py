"""A team's provider: from what somebody wants to a row, and from a row to a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.accounts.actions import saml
from chalicelib.accounts.actions.discovery import discover
from chalicelib.accounts.rows import sso as rows
from chalicelib.accounts.rules.providers import (
    PROVIDERS,
    SSO,
    Connection,
    normal_issuer,
    redirect_uri,
)
from chalicelib.core import outbound
from chalicelib.core.config import settings
from chalicelib.core.crypto import seal, unseal
from chalicelib.core.errors import FieldError, Invalid, Problem
from chalicelib.ports import services


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of a team's provider; None leaves what is there."""

    kind: str | None = None
    issuer: str | None = None
    client_id: str | None = None
    client_secret: str | None = None
    metadata_xml: str | None = None
    default_role: str | None = None
    enforced: bool | None = None


def connection(row: rows.SsoRow) -> Connection:
    """The provider of a row of kind `oidc`, with its secret."""
    secret = (
        unseal(services().keys, row.client_secret, _context(row.team)).decode()
        if row.client_secret
        else ""
    )
    return Connection(
        id=f"{SSO}{row.team}",
        provider=PROVIDERS["oidc"],
        issuer=row.issuer,
        client_id=row.client_id,
        client_secret=secret,
        redirect_uri=redirect_uri(settings().api_url, row.team),
        sso=row.team,
    )


def merged(team: str, old: rows.SsoRow | None, wanted: Wanted) -> rows.SsoRow:
    """A row that is not saved yet: what is wanted, and for the rest what is there.

    Raises Invalid for what cannot be a provider, Conflict `saml_not_installed`.
    """
    kind = wanted.kind or (old.kind if old else None)
    if kind is None:
        raise _wrong("kind", "The kind is oidc or saml.")
    before = old if old is not None and old.kind == kind else None
    role = wanted.default_role or (old.default_role if old else "viewer")
    new = rows.new_sso(team, kind, "", role)
    new.version = int(old.version) + 1 if old else 1
    new.tried_at = old.tried_at if old else None
    if kind == "oidc":
        _merge_oidc(new, before, wanted)
    else:
        _merge_saml(new, before, wanted)
    return new


def _merge_oidc(new: rows.SsoRow, old: rows.SsoRow | None, wanted: Wanted) -> None:
    if wanted.metadata_xml is not None:
        raise _wrong("metadata_xml", "Metadata belongs to SAML; OpenID Connect has an issuer.")
    issuer = normal_issuer(wanted.issuer) if wanted.issuer else (old.issuer if old else "")
    client = wanted.client_id or (old.client_id if old else "")
    if not issuer or not client:
        raise _wrong("issuer" if not issuer else "client_id", "OpenID Connect needs both.")
    try:
        outbound.check_url(issuer)
    except outbound.NotAllowed as error:
        raise _wrong("issuer", str(error)) from None
    kept = old is not None and (old.issuer, old.client_id) == (issuer, client)
    if not kept and not wanted.client_secret:
        # else a secret could be sent to whoever is named now
        raise _wrong("client_secret", "Another issuer or client needs its own secret.")
    new.issuer, new.client_id = issuer, client
    if wanted.client_secret:
        secret = wanted.client_secret.encode()
        new.client_secret = seal(services().keys, secret, _context(new.team))
    elif old is not None:
        new.client_secret = old.client_secret
    if wanted.issuer or wanted.client_id or wanted.client_secret:
        _check_discovery(connection(new))


def _merge_saml(new: rows.SsoRow, old: rows.SsoRow | None, wanted: Wanted) -> None:
    for name in ("issuer", "client_id", "client_secret"):
        if getattr(wanted, name) is not None:
            raise _wrong(name, "This belongs to OpenID Connect; SAML has metadata_xml.")
    if wanted.metadata_xml is None:
        if old is None:
            raise _wrong("metadata_xml", "SAML needs the metadata of the identity provider.")
        new.issuer, new.sso_url, new.certificates = old.issuer, old.sso_url, old.certificates
        return
    described = saml.provider_described(wanted.metadata_xml)
    new.issuer, new.sso_url = described.issuer, described.sso_url
    new.certificates = list(described.certificates)  # type: ignore[arg-type]  # plain texts


def _check_discovery(found: Connection) -> None:
    try:
        discover(found)
    except Problem as problem:
        raise _wrong("issuer", problem.detail) from None


def identity_of(row: rows.SsoRow) -> tuple[Any, ...]:
    """What makes a provider the one that was tried."""
    certificates = tuple(sorted(str(c) for c in row.certificates))
    return row.kind, row.issuer, row.client_id, row.client_secret, row.sso_url, certificates


def _context(team: str) -> dict[str, str]:
    return {"sso": team}


def _wrong(field: str, rule: str) -> Invalid:
    return Invalid(
        "invalid_request",
        f"/{field}: {rule}",
        hint="Correct the fields listed in `errors`.",
        errors=(FieldError(f"/{field}", rule),),
    )
