"""Checking ID tokens (OpenID Connect Core 1.0, section 3.1.3.7): nothing is believed unproven."""

from __future__ import annotations

import hmac
from typing import Any

import jwt

from chalicelib.accounts.actions.discovery import ALGORITHMS, Discovery, key_of
from chalicelib.accounts.rules.providers import Connection, issuer_of_token
from chalicelib.core import clock
from chalicelib.core.errors import Problem
from chalicelib.core.observe import logger

LONGEST = 32 * 1024
LEEWAY_SECONDS = 60


def check(connection: Connection, found: Discovery, token: Any, nonce: str) -> dict[str, Any]:
    """The claims of an ID token, after all of it was checked; raises Problem `id_token_invalid`.

    The header chooses nothing but one of the provider's own keys: the algorithm is pinned to two,
    keys in the header are not looked at, and what must be understood (`crit`) is refused.
    """
    if not isinstance(token, str) or len(token) > LONGEST:
        raise _forged(connection, "there is no ID token")
    try:
        header = jwt.get_unverified_header(token)
        unproven = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise _forged(connection, "it is no JWT") from None
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS or "crit" in header:
        raise _forged(connection, "its algorithm is none that is believed")
    if str(header.get("typ", "JWT")).lower() not in {"jwt", "id_token+jwt"}:
        raise _forged(connection, "it is another kind of token")
    issuer = issuer_of_token(connection, found.issuer, unproven)
    key = key_of(connection, found.jwks_uri, kid, algorithm)
    if key is None or issuer is None:
        raise _forged(connection, "nobody knows its key or issuer")
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=connection.client_id,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except jwt.PyJWTError as error:
        raise _forged(connection, type(error).__name__) from None
    _check_party(connection, claims)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise _forged(connection, "it belongs to another sign-in")
    if claims["iat"] > clock.epoch(LEEWAY_SECONDS):
        raise _forged(connection, "it comes from the future")
    return dict(claims)


def _check_party(connection: Connection, claims: dict[str, Any]) -> None:
    """A token for several audiences, or for another party, is none of ours."""
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    party = claims.get("azp")
    if party is not None and party != connection.client_id:
        raise _forged(connection, "it was made for another party")
    if len(audience) > 1 and party is None:
        raise _forged(connection, "it has several audiences and names no party")


def _forged(connection: Connection, why: str) -> Problem:
    logger().warning("id token not believed", extra={"provider": connection.id, "why": why})
    return Problem(
        "id_token_invalid",
        f"The ID token of {connection.provider.name} is not good: {why}.",
        hint="Tell whoever set this sign-in up.",
        status=400,
    )
