"""Which providers people may sign in with here: set up, looked at and removed by administrators."""

from __future__ import annotations

from pynamodb.exceptions import DeleteError

from chalicelib.accounts import rows
from chalicelib.accounts.actions import discovery, sso
from chalicelib.accounts.rules.providers import (
    PROVIDERS,
    SSO,
    Connection,
    Provider,
    normal_issuer,
    redirect_uri,
)
from chalicelib.core import outbound
from chalicelib.core.config import settings
from chalicelib.core.crypto import seal, unseal
from chalicelib.core.errors import FieldError, Invalid, NotFound
from chalicelib.core.table import lost_condition
from chalicelib.ports import services


def offered() -> list[Provider]:
    """The providers that are set up, in the order of the table."""
    return [PROVIDERS[row.id] for row in rows.providers_among(list(PROVIDERS))]


def configure(provider: str, client_id: str, secret: str, issuer: str) -> rows.ProviderRow:
    """Set a provider up, or anew; an empty `issuer` means the provider's own.

    Raises NotFound for a provider that is not in the table and Invalid for an issuer that may not
    be asked. Nobody is asked before somebody signs in.
    """
    known = _named(provider)
    chosen = normal_issuer(issuer) or known.issuer
    try:
        outbound.check_url(chosen)
    except outbound.NotAllowed as error:
        rule = str(error) if issuer else f"{known.name} needs the address of its issuer."
        raise _wrong(rule) from None
    if "?" in chosen:
        raise _wrong("The address of an issuer has no query.")
    sealed = seal(services().keys, secret.encode(), _context(provider))
    row = rows.new_provider(provider, client_id, sealed, chosen)
    row.save()
    discovery.forget()
    return row


def configured(provider: str) -> rows.ProviderRow:
    """What is set up; raises NotFound."""
    row = rows.provider_of(_named(provider).id)
    if row is None:
        raise _absent(provider)
    return row


def remove(provider: str) -> None:
    """Take a provider away; identities stay linked and work again when it comes back."""
    try:
        configured(provider).delete(condition=rows.ProviderRow.pk.exists())
    except DeleteError as error:
        if not lost_condition(error):
            raise


def connection_of(identifier: str) -> Connection:
    """All that is needed to speak to a provider, the secret included; raises NotFound.

    `identifier` is a provider's id, or `sso:<team>` for a team's own.
    """
    if identifier.startswith(SSO):
        team = sso.connection_of(identifier.removeprefix(SSO))
        if team is None:
            raise _absent(identifier)
        return team
    row = configured(identifier)
    return Connection(
        row.id,
        PROVIDERS[row.id],
        row.issuer,
        row.client_id,
        unseal(services().keys, row.client_secret, _context(row.id)).decode(),
        redirect_uri(settings().api_url),
    )


def _named(provider: str) -> Provider:
    known = PROVIDERS.get(provider)
    if known is None:
        raise _absent(provider)
    return known


def _absent(provider: str) -> NotFound:
    return NotFound(
        "provider_not_found",
        f"Nobody can sign in with {provider[:80]!r} here.",
        hint="GET /v1/auth/providers lists the providers that are set up.",
    )


def _context(provider: str) -> dict[str, str]:
    return {"provider": provider}


def _wrong(rule: str) -> Invalid:
    return Invalid(
        "invalid_request",
        rule,
        hint="Correct the fields listed in `errors`.",
        errors=(FieldError("/issuer", rule),),
    )
