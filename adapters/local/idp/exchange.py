"""Requests and replies of the identity provider, and how a client proves itself."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from adapters.local.idp.grants import Grant
    from adapters.local.idp.server import Idp


@dataclass(frozen=True)
class Request:
    """A request; header names are lower-case."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """JSON, or a page when `body` is a text."""

    status: int
    body: Any = ""
    headers: dict[str, str] = field(default_factory=dict)


def redeem(idp: Idp, request: Request, *, basic_only: bool = False) -> Grant | str:
    """The grant behind a token request, or the error of RFC 6749, section 5.2."""
    form = request.form
    client, secret = _basic(request.headers.get("authorization", ""))
    if not client and not basic_only:
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
    known = idp.clients.get(client)
    if known is None or not hmac.compare_digest(known.encode(), secret.encode()):
        return "invalid_client"
    if form.get("grant_type", "authorization_code") != "authorization_code":
        return "unsupported_grant_type"
    grant = idp.grants.redeem(
        form.get("code", ""), client, form.get("redirect_uri", ""), form.get("code_verifier", "")
    )
    return grant or "invalid_grant"


def asker(idp: Idp, request: Request) -> Grant | None:
    """For whom an API is asked."""
    return idp.grants.of_token(request.headers.get("authorization", ""))


def unauthorised() -> Reply:
    """The answer to a token that nobody knows."""
    return Reply(401, {"error": "invalid_token"}, {"WWW-Authenticate": "Bearer"})


def _basic(header: str) -> tuple[str, str]:
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(client), unquote_plus(secret)
