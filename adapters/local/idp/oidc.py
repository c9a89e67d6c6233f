"""OpenID Connect, plain and with tenants."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from adapters.local.idp.exchange import Reply, Request, asker, redeem, unauthorised
from adapters.local.idp.grants import Grant
from adapters.local.idp.people import TENANT

if TYPE_CHECKING:
    from adapters.local.idp.server import Idp

_NO_STORE = {"Cache-Control": "no-store"}


def discovery(idp: Idp, _request: Request) -> Reply:
    """The metadata of the provider."""
    return Reply(200, _metadata(idp, idp.url, idp.url))


def discovery_with_tenants(idp: Idp, _request: Request) -> Reply:
    """The same for all tenants: which one signs is known only with the token."""
    base = f"{idp.url}/common/v2.0"
    return Reply(200, _metadata(idp, base, f"{idp.url}/{{tenantid}}/v2.0"))


def jwks(idp: Idp, _request: Request) -> Reply:
    """The public keys."""
    return Reply(200, idp.keys.public())


def token(idp: Idp, request: Request) -> Reply:
    """Tokens for a code."""
    return _tokens(idp, request, idp.url, lambda grant: {"sub": grant.person.subject})


def token_with_tenants(idp: Idp, request: Request) -> Reply:
    """Tokens for a code, signed as the one tenant."""
    return _tokens(
        idp,
        request,
        f"{idp.url}/{TENANT}/v2.0",
        lambda grant: {
            "sub": f"{grant.client}-{grant.person.subject}",
            "tid": TENANT,
            "oid": grant.person.guid,
        },
    )


def userinfo(idp: Idp, request: Request) -> Reply:
    """Who an access token stands for."""
    grant = asker(idp, request)
    if grant is None:
        return unauthorised()
    return Reply(200, {"sub": grant.person.subject, **_profile(grant)})


def _metadata(idp: Idp, base: str, issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "jwks_uri": f"{idp.url}/jwks",
        "userinfo_endpoint": f"{idp.url}/userinfo",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid", "email", "profile"],
    }


def _tokens(idp: Idp, request: Request, issuer: str, subject: Any) -> Reply:
    grant = redeem(idp, request)
    if isinstance(grant, str):
        return Reply(401 if grant == "invalid_client" else 400, {"error": grant}, _NO_STORE)
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": grant.client,
        "iat": now,
        "exp": now + 300,
        "nonce": grant.nonce,
        "amr": list(grant.person.methods),
        **subject(grant),
        **(_profile(grant) if idp.tells_email else {}),
    }
    tokens = {
        "access_token": idp.grants.token(grant),
        "token_type": "Bearer",
        "expires_in": 300,
        "id_token": idp.id_token(claims),
    }
    return Reply(200, tokens, _NO_STORE)


def _profile(grant: Grant) -> dict[str, Any]:
    person = grant.person
    return {
        "email": person.email,
        "email_verified": person.verified,
        "xms_edov": person.verified,
        "name": person.shown,
        "preferred_username": person.login,
    }
