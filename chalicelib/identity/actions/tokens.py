"""Access tokens: JWT, one algorithm, keys only from our own table."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from typing import Any

import jwt

from chalicelib.core import clock, ids
from chalicelib.core.config import settings
from chalicelib.core.errors import Problem, Unauthenticated
from chalicelib.core.jsonbody import parse_object
from chalicelib.identity.rules import (
    ACCESS_TYPE,
    ALGORITHM,
    AUDIENCE,
    LONGEST_ACCESS_SECONDS,
)
from chalicelib.ports import services

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+\Z")
_CLAIMS = ["iss", "aud", "sub", "sid", "jti", "iat", "exp"]
_HINT = "Sign in again: `deck login`, or POST /v1/auth/refresh with your refresh token."


@dataclass(frozen=True)
class Claims:
    """What an access token says, after everything about it was checked."""

    user: str
    session: str


def refused(code: str, detail: str, hint: str = _HINT) -> Unauthenticated:
    """The one shape of a refused token."""
    challenge = f'Bearer realm="clouddeck", error="invalid_token", error_description="{code}"'
    return Unauthenticated(code, detail, hint=hint, headers={"WWW-Authenticate": challenge})


def lifetime(wanted: int) -> int:
    """Seconds that an access token lives when `wanted` is set: a day at most."""
    return max(1, min(wanted, LONGEST_ACCESS_SECONDS))


def issue(user: str, session: str) -> str:
    """A signed access token of a session."""
    key_id, key = services().keys.signing_key()
    now = clock.epoch()
    claims = {
        "iss": settings().api_url,
        "aud": AUDIENCE,
        "sub": user,
        "sid": session,
        "jti": secrets.token_urlsafe(12),
        "iat": now,
        "exp": now + lifetime(settings().access_token_seconds),
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"typ": ACCESS_TYPE, "kid": key_id})


def read(token: str) -> Claims:
    """Check a token completely; raises Unauthenticated.

    The header chooses nothing but a name in our table of keys: other header fields (`jku`, `jwk`,
    `crit`, ...) are refused, and the algorithm is ours.
    """
    header, payload = _parsed(token)
    key = services().keys.verifying_keys().get(str(header.get("kid")))
    if (
        set(header) != {"alg", "typ", "kid"}
        or header["alg"] != ALGORITHM
        or header["typ"] != ACCESS_TYPE
        or key is None
    ):
        raise refused("token_invalid", "The access token was not made by this installation.")
    try:
        jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=settings().api_url,
            options={"require": _CLAIMS, "strict_aud": True},
        )
    except jwt.ExpiredSignatureError:
        raise refused("token_expired", "The access token has expired.") from None
    except jwt.PyJWTError:
        raise refused("token_invalid", "The access token is not valid here.") from None
    _check_times(payload)
    user, session = payload["sub"], payload["sid"]
    if not (isinstance(user, str) and isinstance(session, str)):
        raise refused("token_invalid", "The access token names nobody.")
    if not ids.is_id(user, "usr") or not ids.is_id(session, "ses"):
        raise refused("token_invalid", "The access token names nobody.")
    return Claims(user, session)


def _check_times(payload: dict[str, Any]) -> None:
    """Whole seconds, and a life no longer than we give; the library is more generous."""
    made, ends = payload["iat"], payload["exp"]
    whole = type(made) is int and type(ends) is int
    if not whole or not 0 < ends - made <= LONGEST_ACCESS_SECONDS:
        raise refused("token_invalid", "The access token names no time that we would give it.")


def _parsed(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = token.split(".")
    if len(parts) != 3 or not all(_SEGMENT.match(part) for part in parts):
        raise _malformed()
    try:
        header, payload, _ = (_decoded(part) for part in parts)
        return parse_object(header), parse_object(payload)
    except (Problem, binascii.Error):
        raise _malformed() from None


def _decoded(segment: str) -> bytes:
    """The bytes of a segment; raises binascii.Error unless it is their one spelling."""
    found = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(found).rstrip(b"=").decode() != segment:
        raise binascii.Error("another spelling of the same bytes")
    return found


def _malformed() -> Unauthenticated:
    return refused(
        "token_malformed",
        "The token is neither an access token nor an API key; perhaps a part is missing.",
        "Copy the whole token, or sign in again with `deck login`.",
    )
