"""Staying signed in: refresh tokens, each good for one use."""

from __future__ import annotations

import hmac

from pynamodb.exceptions import UpdateError

from chalicelib.core import clock
from chalicelib.core.errors import Conflict, Unauthenticated
from chalicelib.core.observe import logger
from chalicelib.core.table import lost_condition
from chalicelib.identity import rows
from chalicelib.identity.actions import tokens
from chalicelib.identity.actions.sessions import Tokens, is_over, revoke, tokens_of
from chalicelib.identity.rules import (
    REFRESH_GRACE_SECONDS,
    REFRESH_SECONDS,
    digest,
    new_refresh_token,
    split_refresh_token,
)


def refresh(token: str) -> Tokens:
    """Exchange a refresh token for new tokens; the old one is spent.

    What was proven in the session stays as old as it is. A spent token that comes back ends the
    session: one of the two who hold it is a thief. Right after the exchange it only gets Conflict
    `refresh_superseded`, because two requests of one client may cross.
    """
    parts = split_refresh_token(token)
    session = rows.session_of(parts[0]) if parts else None
    if parts is None or session is None or not _same(session.family_hash, parts[1]):
        raise tokens.refused("token_invalid", "This is not a refresh token of ours.")
    user = rows.user_of(session.user)
    if session.expires_at < clock.epoch() or is_over(session, user):
        raise tokens.refused("token_revoked", "The session has ended.")
    if not _same(session.refresh_hash, parts[2]):
        raise _spent(session, parts[2])
    renewed, _, secret = new_refresh_token(session.id, parts[1])
    if not _rotate(session, secret):
        raise _superseded()
    return tokens_of(session.user, session.home, session.id, renewed)


def _same(stored: str, secret: str) -> bool:
    return hmac.compare_digest(stored, digest(secret))


def _rotate(session: rows.SessionRow, secret: str) -> bool:
    row = rows.SessionRow
    expires = clock.epoch(REFRESH_SECONDS)
    try:
        session.update(
            actions=[
                row.previous_hash.set(session.refresh_hash),
                row.refresh_hash.set(digest(secret)),
                row.rotated_at.set(clock.epoch()),
                row.expires_at.set(expires),
                row.ttl.set(expires),
            ],
            condition=(row.refresh_hash == session.refresh_hash) & row.revoked.does_not_exist(),
        )
    except UpdateError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _spent(session: rows.SessionRow, secret: str) -> Conflict | Unauthenticated:
    just_now = clock.epoch() - int(session.rotated_at) <= REFRESH_GRACE_SECONDS
    if just_now and session.previous_hash and _same(session.previous_hash, secret):
        return _superseded()
    revoke(session.id, "refresh_token_reused")
    logger().warning("refresh token reused", extra={"session": session.id, "user": session.user})
    return tokens.refused(
        "token_revoked",
        "This refresh token was used before, so its session has been ended.",
        "Sign in again. If you did not use it twice, somebody else holds a copy of it.",
    )


def _superseded() -> Conflict:
    return Conflict(
        "refresh_superseded",
        "Another request has just used this refresh token.",
        hint="Use the tokens that the other request received.",
    )
