"""From a bearer token to the one who calls."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.identity import rows
from chalicelib.identity.actions import api_keys, tokens
from chalicelib.identity.actions.sessions import is_over, note_seen
from chalicelib.identity.rules import KEY_PREFIX, is_api_key


def authenticate(token: str) -> Actor:
    """The caller behind an access token or a key: one read, two for a person's key.

    Raises Unauthenticated with `token_malformed`, `token_invalid`, `token_expired` or
    `token_revoked`.
    """
    if token.startswith(KEY_PREFIX):
        return _by_key(token)
    return _by_session(token)


def _by_session(token: str) -> Actor:
    claims = tokens.read(token)
    session, user = rows.session_and_user(claims.session, claims.user)
    if session is None or session.user != claims.user or is_over(session, user):
        raise tokens.refused("token_revoked", "The session of this access token has ended.")
    note_seen(session)
    if user is not None:
        rows.keep_listed(user)
    return actor_of_session(session, user)


def actor_of_session(session: rows.SessionRow, user: rows.UserRow | None) -> Actor:
    """Who acts in a session that goes on."""
    has_factors = user is not None and user.factors > 0
    return Actor(
        kind="user",
        id=session.user,
        user=session.user,
        session=session.id,
        home=session.home,
        # who has a factor proves it is them with that, also in sessions from before they had it
        proved_at=int(session.mfa_at if has_factors else session.proved_at),
        mfa_at=int(session.mfa_at),
        sso=session.sso,
        vouched=bool(session.sso) and not has_factors,
    )


def _by_key(token: str) -> Actor:
    if not is_api_key(token):
        raise tokens.refused(
            "token_malformed",
            "This API key has a typing error or was cut off: its checksum is wrong.",
            "Copy the whole key, `ck_` included.",
        )
    row = rows.api_key_of(token)
    if row is None:
        raise tokens.refused(
            "token_invalid",
            "There is no such API key here.",
            "Check that the key belongs to this installation, or make a new one.",
        )
    if row.revoked_at is not None:
        raise tokens.refused(
            "token_revoked", "This API key was deleted.", "Make a new one with POST /v1/keys."
        )
    if row.expires_at is not None and row.expires_at < clock.epoch():
        raise tokens.refused(
            "token_expired", "This API key has expired.", "Make a new one with POST /v1/keys."
        )
    if row.user:
        user = rows.user_of(row.user)
        if user is None or user.status != "active":
            raise tokens.refused(
                "token_revoked",
                "The account that this API key belongs to is not active.",
                "Ask whoever runs this installation.",
            )
    api_keys.note_use(row)
    return actor_of_key(row)


def actor_of_key(row: rows.ApiKeyRow) -> Actor:
    """The caller that a key makes of whoever holds it."""
    return Actor(
        kind=row.kind,
        id=row.id,
        user=row.user,
        team=row.team,
        role=row.role,
        scopes=frozenset(str(scope) for scope in row.scopes),
        project=row.project,
        home=row.team,
        rate_per_minute=int(row.rate_per_minute),
    )
