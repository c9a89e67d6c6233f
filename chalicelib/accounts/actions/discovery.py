"""What an OpenID Connect provider says of itself: its addresses and its keys, kept for a while."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from chalicelib.accounts.rules.providers import Connection, is_discovered
from chalicelib.core import outbound
from chalicelib.core.errors import Problem, Unavailable
from chalicelib.core.observe import logger

DISCOVERY_SECONDS = 10 * 60
KEYS_SECONDS = 60 * 60
ALGORITHMS = {"RS256": "RSA", "ES256": "EC"}
"""Algorithm of a signature -> type of key; no other is believed, whatever a provider offers."""


@dataclass(frozen=True)
class Discovery:
    """The part of OpenID Provider Metadata that we use."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    secret_in_body: bool
    names_itself: bool


_discovered: dict[str, tuple[float, Discovery]] = {}
_keys: dict[str, tuple[float, dict[str, Any]]] = {}


def forget() -> None:
    """Drop what is kept, for a provider that was set up anew."""
    _discovered.clear()
    _keys.clear()


def discover(connection: Connection) -> Discovery:
    """The metadata of a provider; raises Problem `provider_unavailable` or `provider_invalid`."""
    kept = _discovered.get(connection.issuer)
    if kept and time.monotonic() - kept[0] < DISCOVERY_SECONDS:
        return kept[1]
    document = fetch(connection, f"{connection.issuer}/.well-known/openid-configuration")
    if not isinstance(document, dict) or not is_discovered(connection, document.get("issuer")):
        raise invalid(connection, "its discovery document names another issuer")
    addresses: dict[str, Any] = {
        name: document.get(name)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")
    }
    userinfo = document.get("userinfo_endpoint") or ""
    for name, url in {**addresses, "userinfo_endpoint": userinfo}.items():
        if url != "" and not _may_be_asked(url):
            raise invalid(connection, f"its {name} is no address that may be asked")
    methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    found = Discovery(
        issuer=document["issuer"],
        userinfo_endpoint=userinfo,
        secret_in_body="client_secret_post" in methods,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        **addresses,
    )
    _discovered[connection.issuer] = time.monotonic(), found
    return found


def key_of(connection: Connection, uri: str, kid: str | None, algorithm: str) -> Any:
    """The key that signed something; None when the provider has no such key.

    An unknown name is asked for once more, because providers change their keys.
    """
    kept = _keys.get(uri)
    if kept and time.monotonic() - kept[0] < KEYS_SECONDS:
        found = _among(kept[1], kid, algorithm)
        if found is not None:
            return found
    fresh = _read_keys(fetch(connection, uri))
    _keys[uri] = time.monotonic(), fresh
    return _among(fresh, kid, algorithm)


def fetch(connection: Connection, url: str, headers: dict[str, str] | None = None) -> Any:
    """A JSON document of a provider; raises Problem unless it comes with status 200."""
    return ask(connection, "GET", url, headers=headers)


def ask(
    connection: Connection,
    method: str,
    url: str,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Any:
    """The JSON answer of a provider; raises Problem unless its status is 200."""
    try:
        sent = {"Accept": "application/json", **(headers or {})}
        reply = outbound.request(method, url, headers=sent, body=body)
        if reply.status == 200:
            return reply.json()
    except outbound.NotAllowed:
        raise invalid(connection, "one of its addresses may not be asked") from None
    except outbound.OutOfReach as error:
        logger().warning("provider out of reach", extra={"provider": connection.id})
        raise unavailable(connection) from error
    logger().warning(
        "provider refused", extra={"provider": connection.id, "provider_status": reply.status}
    )
    if reply.status >= 500 or reply.status == 429:
        raise unavailable(connection)
    raise refused(connection)


def unavailable(connection: Connection) -> Unavailable:
    """The provider does not answer."""
    return Unavailable(
        "provider_unavailable",
        f"{connection.provider.name} does not answer right now.",
        hint="Try again in a moment, or sign in another way.",
    )


def refused(connection: Connection) -> Problem:
    """The provider did not accept what we sent."""
    return Problem(
        "provider_refused",
        f"{connection.provider.name} refused the sign-in.",
        hint="Try again; if it stays, the client id or secret that is set up may be wrong.",
        status=400,
    )


def invalid(connection: Connection, why: str) -> Problem:
    """The provider answered what cannot be believed."""
    logger().warning("provider not believed", extra={"provider": connection.id, "why": why})
    return Problem(
        "provider_invalid",
        f"The answer of {connection.provider.name} cannot be believed: {why}.",
        hint="Tell whoever set this sign-in up.",
        status=400,
    )


def _may_be_asked(url: Any) -> bool:
    try:
        return isinstance(url, str) and bool(outbound.check_url(url))
    except outbound.NotAllowed:
        return False


def _among(keys: dict[str, Any], kid: str | None, algorithm: str) -> Any:
    if kid is None:  # allowed when there is one key only (OpenID Connect Core, section 10.1)
        fitting = [k for k in keys.values() if k.key_type == ALGORITHMS[algorithm]]
        return fitting[0].key if len(fitting) == 1 else None
    found = keys.get(kid)
    return found.key if found is not None and found.key_type == ALGORITHMS[algorithm] else None


def _read_keys(document: Any) -> dict[str, Any]:
    """The signing keys of a JWK set that can be read; symmetric ones are none."""
    import jwt

    found: dict[str, Any] = {}
    entries = document.get("keys") if isinstance(document, dict) else None
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict) or entry.get("kty") not in ALGORITHMS.values():
            continue
        if entry.get("use", "sig") != "sig":
            continue
        try:
            key = jwt.PyJWK(entry, algorithm="RS256" if entry["kty"] == "RSA" else "ES256")
        except (jwt.PyJWTError, ValueError, TypeError, KeyError):
            continue
        found[str(entry.get("kid", f"#{number}"))] = key
    return found
