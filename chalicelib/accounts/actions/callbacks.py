"""Out to a provider and back: the two ends of a sign-in by OAuth 2.0 or OpenID Connect."""

from __future__ import annotations

from chalicelib.accounts.actions import arrivals, dialects
from chalicelib.accounts.actions.discovery import discover, invalid
from chalicelib.accounts.actions.providers import connection_of
from chalicelib.accounts.rules.providers import SSO, Connection, issuer_of_token
from chalicelib.core.errors import Problem

_LONGEST_CODE = 4096


def start(connection: Connection, return_to: str, challenge: str, user: str = "") -> str:
    """Where the browser goes; with a `user` to link an identity, else to sign in."""
    leaving = arrivals.depart(connection.id, return_to, challenge, user)
    return dialects.authorise_url(connection, leaving.state, leaving.nonce, leaving.verifier)


def finish(state: str, grant: str, error: str, issuer: str | None, team: str = "") -> str:
    """Where the browser goes with what the provider answered: back to where it began, always.

    `grant` is the provider's `code`, `issuer` the `iss` of RFC 9207, `team` whose own address it
    came to. Raises Problem `state_invalid` when nobody knows where it began.
    """
    away = arrivals.take(state, f"{SSO}{team}" if team else "")
    if not team and away.connection.startswith(SSO):
        return arrivals.turn_away(away, "state_invalid")
    if error:
        known = error if error == "access_denied" else "provider_refused"
        return arrivals.turn_away(away, known)
    if not grant or len(grant) > _LONGEST_CODE:
        return arrivals.turn_away(away, "provider_refused")
    try:
        connection = connection_of(away.connection)
        _check_issuer(connection, issuer)
        external = dialects.identify(connection, grant, away.nonce, away.verifier)
    except Problem as problem:
        return arrivals.turn_away(away, problem.code)
    return arrivals.arrive(external, away)


def _check_issuer(connection: Connection, named: str | None) -> None:
    """Whether the answer comes from whom it was asked, as far as they say so (RFC 9207)."""
    if connection.provider.dialect != "oidc":
        return
    found = discover(connection)
    if named is None:
        if found.names_itself:
            raise invalid(connection, "it does not say who answers")
        return
    tenant = named.rstrip("/").rpartition("/v2.0")[0].rpartition("/")[2]
    if named != issuer_of_token(connection, found.issuer, {"tid": tenant}):
        raise invalid(connection, "somebody else answers")
