"""The providers that speak OAuth 2.0 and no OpenID Connect, and the choice among all of them."""

from __future__ import annotations

from chalicelib.accounts.actions import oidc
from chalicelib.accounts.actions.discovery import fetch, invalid
from chalicelib.accounts.rules.externals import External, Nobody, from_bitbucket, from_github
from chalicelib.accounts.rules.providers import Connection, api_of


def authorise_url(connection: Connection, state: str, nonce: str, verifier: str) -> str:
    """Where the browser goes to ask the provider."""
    if connection.provider.dialect == "oidc":
        return oidc.authorise_url(connection, state, nonce, verifier)
    asked = oidc.asked_of(connection, state, verifier)
    if connection.provider.dialect == "github":
        scope = " ".join(connection.provider.scopes)
        return oidc.with_query(
            f"{connection.issuer}/login/oauth/authorize", {**asked, "scope": scope}
        )
    # which scopes there are was chosen when the consumer was made
    return oidc.with_query(f"{connection.issuer}/site/oauth2/authorize", asked)


def identify(connection: Connection, code: str, nonce: str, verifier: str) -> External:
    """Who a code stands for; raises Problem when that is not proven."""
    if connection.provider.dialect == "oidc":
        return oidc.identify(connection, code, nonce, verifier)
    try:
        if connection.provider.dialect == "github":
            return _github(connection, code, verifier)
        return _bitbucket(connection, code, verifier)
    except Nobody as nobody:
        raise invalid(connection, str(nobody)) from None


def _github(connection: Connection, code: str, verifier: str) -> External:
    endpoint = f"{connection.issuer}/login/oauth/access_token"
    asking = oidc.bearer(oidc.redeem(connection, endpoint, code, verifier, basic=False))
    api = api_of(connection)
    user = fetch(connection, f"{api}/user", asking)
    return from_github(connection, user, fetch(connection, f"{api}/user/emails", asking))


def _bitbucket(connection: Connection, code: str, verifier: str) -> External:
    endpoint = f"{connection.issuer}/site/oauth2/access_token"
    asking = oidc.bearer(oidc.redeem(connection, endpoint, code, verifier, basic=True))
    api = api_of(connection)
    user = fetch(connection, f"{api}/user", asking)
    return from_bitbucket(connection, user, fetch(connection, f"{api}/user/emails", asking))
