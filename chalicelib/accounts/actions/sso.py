"""A team's single sign-on: set up, tried, enforced, removed; and who has to use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import TransactWriteError

from chalicelib.accounts.actions import saml
from chalicelib.accounts.rows import sso as rows
from chalicelib.accounts.rules.domains import domain_of
from chalicelib.accounts.rules.providers import (
    PROVIDERS,
    SSO,
    Connection,
    normal_issuer,
    redirect_uri,
)
from chalicelib.core import outbound
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.crypto import seal, unseal
from chalicelib.core.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Problem
from chalicelib.core.table import lost_condition, write
from chalicelib.ports import services
from chalicelib.teams.rows import TeamRow, team_of

ROLES = ("admin", "developer", "billing", "viewer")
"""What a newcomer may become: nobody becomes an owner by signing in."""


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


@dataclass(frozen=True)
class Sso:
    """A team's provider, and whether it is the only way in."""

    row: rows.SsoRow
    enforced: bool


def show_sso(team: str) -> Sso:
    """A team's provider; raises NotFound `sso_not_found`."""
    found, row = rows.team_and_sso(team)
    if found is None or row is None:
        raise _absent()
    return Sso(row, bool(found.sso_enforced))


def configure_sso(actor: Actor, team: str, wanted: Wanted) -> Sso:
    """Set a team's provider up, or change it.

    A provider that is the only way in is not replaced, and only one that the caller came in by
    becomes it, so that no mistake shuts a team out. Raises Conflict `sso_enforced`, `sso_untried`
    or `saml_not_installed`, and Invalid for what cannot be a provider.
    """
    found, old = rows.team_and_sso(team)
    if found is None:
        raise _absent()
    _check_person(actor, found)
    new = _merged(team, old, wanted)
    same = old is not None and _identity(old) == _identity(new)
    enforced = bool(found.sso_enforced) if wanted.enforced is None else wanted.enforced
    if enforced and not same and found.sso_enforced:
        raise Conflict(
            "sso_enforced",
            "Nobody comes in without this provider, so it is not replaced.",
            hint="Switch enforcement off, change it, sign in by it, and switch it on again.",
        )
    if enforced and not found.sso_enforced:
        _check_tried(actor, new, same)
    new.tried_at = new.tried_at if same else None
    _save(found, old, new, enforced)
    return Sso(new, enforced)


def remove_sso(actor: Actor, team: str) -> None:
    """Take a team's provider away, and with it the duty to use it. The domains stay proven."""
    found, row = rows.team_and_sso(team)
    if found is None or row is None:
        raise _absent()
    _check_person(actor, found)
    with write() as transaction:
        transaction.delete(row)
        transaction.update(
            found, actions=[TeamRow.sso_enforced.set(False)], condition=TeamRow.pk.exists()
        )


def release_sso(team: str) -> Sso:
    """Let the members of a team in without its provider: for whoever runs the installation, when
    the provider is broken."""
    found, row = rows.team_and_sso(team)
    if found is None or row is None:
        raise _absent()
    found.update(actions=[TeamRow.sso_enforced.set(False)], condition=TeamRow.pk.exists())
    return Sso(row, enforced=False)


def team_to_enter(email: str | None, team: str | None) -> rows.SsoRow:
    """The provider by which a person of this address, or a team, signs in.

    Raises NotFound `sso_not_found`, the same for a team that is absent and one without.
    """
    identifier = rows.team_of_domain(domain_of(email)) if email else team
    row = rows.sso_of(identifier) if identifier else None
    if row is None:
        raise _absent()
    return row


def required_for(email: str) -> str | None:
    """The team whose provider a person of this address has to sign in by; None for most people."""
    domain = domain_of(email)
    identifier = rows.team_of_domain(domain) if domain and "#" not in domain else None
    team = team_of(identifier) if identifier else None
    return team.id if team is not None and team.sso_enforced and not team.deleted_at else None


def check_entry(email: str, sso: str = "") -> None:
    """Raise Forbidden `sso_required` unless a person of this address may come in by `sso`.

    That is the team whose provider they came by, or empty. What is said depends on the domain
    alone, so it tells nobody who has an account.
    """
    required = required_for(email)
    if required is not None and required != sso:
        raise Forbidden(
            "sso_required",
            f"People of {domain_of(email)} sign in by their organisation's own identity provider.",
            hint="deck login --sso, or POST /v1/auth/sso/start.",
        )


def connection_of(team: str) -> Connection:
    """A team's provider as OpenID Connect needs it; raises NotFound `sso_not_found`."""
    row = rows.sso_of(team)
    if row is None or row.kind != "oidc":
        raise _absent()
    return connection(row)


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


def _merged(team: str, old: rows.SsoRow | None, wanted: Wanted) -> rows.SsoRow:
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
    from chalicelib.accounts.actions.discovery import discover

    try:
        discover(found)
    except Problem as problem:
        raise _wrong("issuer", problem.detail) from None


def _identity(row: rows.SsoRow) -> tuple[Any, ...]:
    """What makes a provider the one that was tried."""
    certificates = tuple(sorted(str(c) for c in row.certificates))
    return row.kind, row.issuer, row.client_id, row.client_secret, row.sso_url, certificates


def _check_tried(actor: Actor, row: rows.SsoRow, same: bool) -> None:
    if same and row.tried_at and actor.sso == row.team:
        return
    raise Conflict(
        "sso_untried",
        "Only who has come in by this very provider can make it the only way in.",
        hint="Set it up without enforcing, sign in by it (deck login --sso), then enforce it.",
    )


def _check_person(actor: Actor, team: TeamRow) -> None:
    """Nobody but a person; and an owner's stolen password does not open what needs no password."""
    if actor.is_key:
        raise Forbidden(
            "session_required",
            "A key cannot change how people sign in.",
            hint="Sign in yourself: `deck login`.",
        )
    if team.sso_enforced and actor.sso != team.id:
        raise Forbidden(
            "sso_required",
            "This team lets its members in through its own identity provider only.",
            hint="deck login --sso. If the provider is broken, ask whoever runs this installation "
            "to switch enforcement off.",
        )


def _save(team: TeamRow, old: rows.SsoRow | None, new: rows.SsoRow, enforced: bool) -> None:
    kind = rows.SsoRow
    before = kind.pk.does_not_exist() if old is None else kind.version == old.version
    if old is not None:
        # a sign-in that ends just now may note itself; nothing else of the row moves
        before &= kind.tried_at == old.tried_at if old.tried_at else kind.tried_at.does_not_exist()
    try:
        with write() as transaction:
            transaction.save(new, condition=before)
            transaction.update(
                team, actions=[TeamRow.sso_enforced.set(enforced)], condition=TeamRow.pk.exists()
            )
    except TransactWriteError as error:
        if lost_condition(error):
            raise Conflict(
                "conflict", "Single sign-on was changed in the meantime.", hint="Read it again."
            ) from None
        raise


def _context(team: str) -> dict[str, str]:
    return {"sso": team}


def _wrong(field: str, rule: str) -> Invalid:
    return Invalid(
        "invalid_request",
        f"/{field}: {rule}",
        hint="Correct the fields listed in `errors`.",
        errors=(FieldError(f"/{field}", rule),),
    )


def _absent() -> NotFound:
    return NotFound(
        "sso_not_found",
        "There is no single sign-on for this.",
        hint="Check the address or the team; an owner sets it up with `deck sso`.",
    )
