"""The identity providers that people may sign in with, once, as data.

What differs between them: where they are, which protocol they speak, which scopes show an e-mail
address, what makes that address a proven one, and which claims name a person for ever.

Sources: OpenID Connect Core 1.0 and Discovery 1.0; GitHub, "Authorizing OAuth apps" (PKCE since
July 2025); Bitbucket Cloud, "OAuth 2.0" (the consumer decides the scopes, the client proves itself
by HTTP Basic); Microsoft identity platform, "Optional claims reference" (`xms_edov`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

Dialect = Literal["oidc", "github", "bitbucket"]

SSO = "sso:"
"""How a connection is called that belongs to a team: this and the team's id."""


@dataclass(frozen=True)
class Provider:
    """One identity provider.

    `issuer` is where it is; without one, whoever sets it up names theirs. `verified_by` is the
    claim that says whether an e-mail address is proven, `subject` the claims that together name a
    person and never change. A provider with `tenants` signs as a tenant of its own choosing: the
    issuer of a token follows from the token's claim `tid`.
    """

    id: str
    name: str
    dialect: Dialect = "oidc"
    issuer: str = ""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    verified_by: str = "email_verified"
    subject: tuple[str, ...] = ("sub",)
    tenants: bool = False


PROVIDERS = {
    provider.id: provider
    for provider in (
        Provider(
            "github",
            "GitHub",
            "github",
            "https://github.com",
            scopes=("read:user", "user:email"),
        ),
        Provider("google", "Google", issuer="https://accounts.google.com"),
        Provider("gitlab", "GitLab", issuer="https://gitlab.com"),
        Provider(
            "bitbucket",
            "Bitbucket",
            "bitbucket",
            "https://bitbucket.org",
            scopes=("account", "email"),
        ),
        Provider(
            "microsoft",
            "Microsoft",
            issuer="https://login.microsoftonline.com/common/v2.0",
            # `email` is whatever a tenant's administrator wrote; only this claim proves it
            verified_by="xms_edov",
            # `sub` differs from app to app
            subject=("tid", "oid"),
            tenants=True,
        ),
        Provider("oidc", "OpenID Connect"),
    )
}
"""In the order in which a sign-in page shows them."""

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TENANT = re.compile(rf"{_GUID}\Z")


@dataclass(frozen=True)
class Connection:
    """A provider, and our registration there.

    `id` is the provider's, or `sso:<team>` for a team's own. `sso` is that team.
    """

    id: str
    provider: Provider
    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    sso: str = ""


def redirect_uri(api_url: str, team: str = "") -> str:
    """Where a provider sends browsers back to.

    Providers of the installation share one address. A team's own provider has one of its own, and
    cannot hand on there what another provider sent (RFC 9700, section 4.4: mix-up).
    """
    return f"{api_url}/v1/auth/callback" + (f"/{team}" if team else "")


def normal_issuer(text: str) -> str:
    """An issuer without what people add by habit."""
    issuer = text.strip().rstrip("/")
    return issuer.removesuffix("/.well-known/openid-configuration").rstrip("/")


def is_discovered(connection: Connection, issuer: Any) -> bool:
    """Whether a discovery document names the issuer that was asked."""
    if not isinstance(issuer, str):
        return False
    if not connection.provider.tenants:
        return issuer.rstrip("/") == connection.issuer
    return bool(re.fullmatch(rf"{_tenants_of(connection)}/(\{{tenantid\}}|{_GUID})/v2\.0", issuer))


def issuer_of_token(connection: Connection, discovered: str, claims: dict[str, Any]) -> str | None:
    """The issuer that a token with these claims must name; None when there can be none."""
    if "{tenantid}" not in discovered:
        return discovered
    tenant = claims.get("tid")
    if not connection.provider.tenants or not isinstance(tenant, str) or not _TENANT.match(tenant):
        return None
    return discovered.replace("{tenantid}", tenant)


def api_of(connection: Connection) -> str:
    """Base address of the API of a provider that does not speak OpenID Connect.

    GitHub and Bitbucket have hosts of their own for it; a GitHub Enterprise Server has it below
    `/api/v3`.
    """
    known = PROVIDERS[connection.provider.id].issuer == connection.issuer
    if connection.provider.dialect == "github":
        return "https://api.github.com" if known else f"{connection.issuer}/api/v3"
    return "https://api.bitbucket.org/2.0" if known else f"{connection.issuer}/2.0"


def _tenants_of(connection: Connection) -> str:
    return re.escape(connection.issuer.rpartition("/v2.0")[0].rpartition("/")[0])
