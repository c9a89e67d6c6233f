"""Signing in, staying signed in, signing out."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from pynamodb.exceptions import DoesNotExist, UpdateError

from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict, Forbidden, Invalid, TooMany, Unauthenticated
from chalicelib.core.observe import logger
from chalicelib.core.table import lost_condition
from chalicelib.identity import rows
from chalicelib.identity.actions import tokens
from chalicelib.identity.actions.users import user_by_email, verify_password
from chalicelib.identity.rules import (
    REFRESH_GRACE_SECONDS,
    REFRESH_SECONDS,
    digest,
    failure_window,
    locked_for,
    new_refresh_token,
    split_refresh_token,
)


@dataclass(frozen=True)
class Tokens:
    """What a signed-in client holds."""

    access_token: str
    refresh_token: str
    expires_in: int


def login(email: str, password: str, proof: rows.Proof | None = None) -> Tokens:
    """Sign in with a password.

    Raises Unauthenticated `login_failed`, the same for an unknown e-mail and a wrong password,
    and TooMany `too_many_attempts` after ten failures in a quarter of an hour. An attempt counts
    before it is checked, so that parallel ones cannot slip through.
    """
    email = email.strip().lower()
    attempts = rows.failures(email, failure_window(clock.epoch()))
    _count(attempts)
    user = user_by_email(email)
    if not verify_password(user, password) or user is None:
        raise Unauthenticated(
            "login_failed",
            "E-mail or password is wrong.",
            hint="Check both; after ten failures signing in pauses for up to 15 minutes.",
        )
    attempts.delete()
    return admit(user, proof or rows.Proof())


def admit(user: rows.UserRow, proof: rows.Proof) -> Tokens:
    """Let somebody in whose identity was proven, by whatever means: the one door to a session.

    Raises Forbidden `account_pending` or `account_suspended`.
    """
    check_status(user)
    return start(user, proof)


def check_status(user: rows.UserRow) -> None:
    """Raise Forbidden unless the account is active. For those who proved who they are."""
    if user.status == "suspended":
        raise Forbidden(
            "account_suspended",
            "This account is suspended.",
            hint="Ask whoever runs this installation.",
        )
    if user.status == "pending":
        raise Forbidden(
            "account_pending",
            "This account waits for its e-mail address to be verified.",
            hint="Open the link in the mail; POST /v1/auth/verify/resend sends another one.",
        )


def start(user: rows.UserRow, proof: rows.Proof) -> Tokens:
    """A new session of a user. `admit` is what decides; this only writes."""
    session = ids.new("ses")
    token, family, secret = new_refresh_token(session)
    rows.new_session(session, user, family, secret, proof).save()
    return _tokens(user.id, session, token)


def refresh(token: str) -> Tokens:
    """Exchange a refresh token for new tokens; the old one is spent.

    A spent token that comes back ends the session: one of the two who hold it is a thief. Right
    after the exchange it only gets Conflict `refresh_superseded`, because two requests of one
    client may cross.
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
    return _tokens(session.user, session.id, renewed)


def is_over(session: rows.SessionRow, user: rows.UserRow | None) -> bool:
    """Whether a session was ended: by itself, or with all of its user's, or with the user."""
    if session.revoked or user is None or user.status != "active":
        return True
    return int(session.began) < int(user.sessions_from)


def logout(actor: Actor) -> None:
    """End the session of this caller; its tokens are refused from the next request on."""
    if not actor.session:
        raise Invalid(
            "not_a_session",
            "An API key has no session to end.",
            hint="Delete the key with DELETE /v1/keys/{key_id}.",
            status=400,
        )
    _revoke(actor.session, "signed_out")


def end_sessions(user: str, why: str) -> int:
    """End every session of a user, also those that no index shows yet; how many it showed."""
    row = rows.user_named(user)
    row.update(
        actions=[rows.UserRow.sessions_from.set(clock.now_ms() + 1)],
        condition=rows.UserRow.pk.exists(),
    )
    found = [session.id for session in rows.sessions_of(user) if not session.revoked]
    for session in found:
        _revoke(session, why)
    return len(found)


def _count(attempts: rows.FailureRow) -> None:
    now = clock.epoch()
    attempts.update(
        actions=[
            rows.FailureRow.made.set((rows.FailureRow.made | 0) + 1),
            rows.FailureRow.ttl.set(now + 3600),
        ]
    )
    wait = locked_for(int(attempts.made), now)
    if wait:
        raise TooMany(
            "too_many_attempts",
            f"Too many failed attempts to sign in; try again in {wait} seconds.",
            hint="Wait, then check e-mail and password.",
            headers={"Retry-After": str(wait)},
        )


def _tokens(user: str, session: str, refresh_token: str) -> Tokens:
    return Tokens(tokens.issue(user, session), refresh_token, settings().access_token_seconds)


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
    _revoke(session.id, "refresh_token_reused")
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


def _revoke(session: str, why: str) -> None:
    try:
        rows.session_named(session).update(
            actions=[rows.SessionRow.revoked.set(why)],
            condition=rows.SessionRow.pk.exists(),
        )
    except (UpdateError, DoesNotExist) as error:
        if not (isinstance(error, UpdateError) and lost_condition(error)):
            raise
