"""OpenID Connect as its relying party: where to send somebody, and who came back."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote_plus, urlencode

from chalicelib.accounts.actions import id_tokens
from chalicelib.accounts.actions.discovery import Discovery, ask, discover, fetch, invalid, refused
from chalicelib.accounts.rules.externals import External, Nobody, from_claims
from chalicelib.accounts.rules.pkce import challenge_of
from chalicelib.accounts.rules.providers import Connection


def authorise_url(connection: Connection, state: str, nonce: str, verifier: str) -> str:
    """Where the browser goes; raises Problem when the provider does not say."""
    endpoint = discover(connection).authorization_endpoint
    asked = {**asked_of(connection, state, verifier), "nonce": nonce}
    return with_query(endpoint, {**asked, "scope": " ".join(connection.provider.scopes)})


def asked_of(connection: Connection, state: str, verifier: str) -> dict[str, str]:
    """The parameters that every authorisation request has (RFC 6749, RFC 7636)."""
    return {
        "response_type": "code",
        "client_id": connection.client_id,
        "redirect_uri": connection.redirect_uri,
        "state": state,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }


def with_query(endpoint: str, asked: dict[str, str]) -> str:
    """An address with more parameters than it has."""
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def identify(connection: Connection, code: str, nonce: str, verifier: str) -> External:
    """Who a code stands for; raises Problem when that is not proven."""
    found = discover(connection)
    tokens = redeem(
        connection, found.token_endpoint, code, verifier, basic=not found.secret_in_body
    )
    claims = id_tokens.check(connection, found, tokens.get("id_token"), nonce)
    if _leaves_out(connection, claims):
        claims = {**_asked_for(connection, found, tokens, claims["sub"]), **claims}
    try:
        return from_claims(connection, claims)
    except Nobody as nobody:
        raise invalid(connection, str(nobody)) from None


def redeem(
    connection: Connection, endpoint: str, code: str, verifier: str, *, basic: bool
) -> dict[str, Any]:
    """The tokens for a code. The client proves itself by HTTP Basic, or in the form."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": connection.redirect_uri,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if basic and connection.client_secret:
        pair = f"{quote_plus(connection.client_id)}:{quote_plus(connection.client_secret)}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_id"] = connection.client_id
        if connection.client_secret:
            form["client_secret"] = connection.client_secret
    body = urlencode(form).encode()
    tokens = ask(connection, "POST", endpoint, headers=headers, body=body)
    if isinstance(tokens, dict) and "error" in tokens:  # GitHub says so with status 200
        raise refused(connection)
    if not isinstance(tokens, dict) or not _is_token(tokens.get("access_token")):
        raise invalid(connection, "there is no access token in it")
    return tokens


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    """The header by which the provider's API knows for whom we ask."""
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def _leaves_out(connection: Connection, claims: dict[str, Any]) -> bool:
    """Whether `userinfo` may know more of the address: some providers tell it only there."""
    if not claims.get("email"):
        return True
    # where there are tenants, nobody but the token says that an address is proven
    return not connection.provider.tenants and connection.provider.verified_by not in claims


def _asked_for(
    connection: Connection, found: Discovery, tokens: dict[str, Any], subject: str
) -> dict[str, Any]:
    """What the ID token leaves out and `userinfo` tells; of the same person only."""
    if not found.userinfo_endpoint:
        return {}
    told = fetch(connection, found.userinfo_endpoint, bearer(tokens))
    if not isinstance(told, dict) or told.get("sub") != subject:
        raise invalid(connection, "it tells of somebody else than it signed for")
    return told


def _is_token(text: Any) -> bool:
    """Whether it can stand in a header."""
    return (
        isinstance(text, str) and 0 < len(text) <= 16_384 and all(32 < ord(c) < 127 for c in text)
    )
