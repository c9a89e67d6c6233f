"""Signing in and out, and the sessions of a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.exceptions import DoesNotExist, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.errors import Forbidden, Invalid, Unauthenticated, not_found
from chalicelib.core.observe import logger
from chalicelib.core.table import lost_condition, write
from chalicelib.identity import rows
from chalicelib.identity.actions import attempts, challenges, gates, tokens
from chalicelib.identity.actions.challenges import Challenge
from chalicelib.identity.actions.users import user_by_email, verify_password
from chalicelib.identity.rules import SEEN_SECONDS, new_refresh_token


@dataclass(frozen=True)
class Tokens:
    """What a signed-in client holds, and whose session it is."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: str = ""
    home: str = ""
    session: str = ""
    sso: str = ""
    """The team by whose identity provider it came."""


def login(email: str, password: str, proof: rows.Proof | None = None) -> Tokens | Challenge:
    """Sign in with a password.

    Raises Unauthenticated `login_failed`, the same for an unknown e-mail and a wrong password,
    and TooMany `too_many_attempts` after ten failures in a quarter of an hour. An attempt counts
    before it is checked, so that parallel ones cannot slip through. Raises Forbidden
    `sso_required` before it looks at the password, which therefore nobody can try out.
    """
    email = email.strip().lower()
    proof = proof or rows.Proof()
    from_there = attempts.count_from(proof.ip)
    counted = attempts.count_sign_in(email, proof.ip)
    gates.check(email)
    user = user_by_email(email)
    if not verify_password(user, password) or user is None:
        raise Unauthenticated(
            "login_failed",
            "E-mail or password is wrong.",
            hint="Check both; after ten failures signing in pauses for up to 15 minutes.",
        )
    counted.delete()
    attempts.forgive(from_there)
    attempts.remember_place(email, proof.ip)
    return admit(user, proof)


def admit(user: rows.UserRow, proof: rows.Proof) -> Tokens | Challenge:
    """Let somebody in whose identity was proven, by whatever means: the one door to a session.

    Who has second factors and did not prove one gets a challenge instead of tokens, whatever a
    team's identity provider says that it asked for: a factor here is for all of somebody's teams.
    Raises Forbidden `account_pending` or `account_suspended`, and `sso_required` for who has to
    come another way.
    """
    check_status(user)
    gates.check(user.email, proof.sso)
    if user.factors and (not proof.strong or proof.via == "sso"):
        return challenges.ask_factor(user, proof)
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
    return replace(tokens_of(user.id, user.home, session, token), sso=proof.sso)


def tokens_of(user: str, home: str, session: str, refresh_token: str) -> Tokens:
    """A new access token of a session, beside its refresh token."""
    seconds = tokens.lifetime(settings().access_token_seconds)
    return Tokens(
        tokens.issue(user, session), refresh_token, seconds, user=user, home=home, session=session
    )


def is_over(session: rows.SessionRow, user: rows.UserRow | None) -> bool:
    """Whether a session was ended: by itself, or with all of its user's, or with the user."""
    if session.revoked or user is None or user.status != "active":
        return True
    return int(session.began) < int(user.sessions_from)


def prove(session: str, *, strong: bool) -> int:
    """Note a fresh proof of identity in a session; when it was, in seconds since 1970."""
    row, now = rows.SessionRow, clock.epoch()
    proven: list[Action] = [row.proved_at.set(now)]
    if strong:
        proven.append(row.mfa_at.set(now))
    rows.session_named(session).update(actions=proven, condition=row.pk.exists())
    return now


def note_seen(session: rows.SessionRow) -> None:
    """Remember that a session is in use, at most once a minute; never at the request's cost."""
    now = clock.epoch()
    if now - int(session.seen_at) < SEEN_SECONDS:
        return
    row = rows.SessionRow
    try:
        rows.session_named(session.id).update(
            actions=[row.seen_at.set(now)],
            condition=row.pk.exists() & (row.seen_at <= now - SEEN_SECONDS),
        )
    except UpdateError as error:
        if not lost_condition(error):
            logger().warning("last use of a session not written", extra={"session": session.id})


def logout(actor: Actor) -> None:
    """End the session of this caller; its tokens are refused from the next request on."""
    if not actor.session:
        raise Invalid(
            "not_a_session",
            "An API key has no session to end.",
            hint="Delete the key with DELETE /v1/keys/{key_id}.",
            status=400,
        )
    revoke(actor.session, "signed_out")


def list_sessions(actor: Actor, **at: Any) -> Iterable[rows.SessionRow]:
    """The sessions of this person that go on, newest first, a page at a time."""
    user = rows.user_of(actor.user)
    since = int(user.sessions_from) if user is not None else 0
    found: Iterable[rows.SessionRow] = rows.running_sessions(actor.user, since, clock.epoch(), **at)
    return found


def end_session(actor: Actor, session: str) -> None:
    """End one of one's own sessions; raises NotFound for any other."""
    row = rows.session_of(session) if ids.is_id(session, "ses") else None
    if row is None or row.user != actor.user or row.revoked:
        raise not_found("session", session)
    revoke(session, "ended_by_user")


def end_sessions(user: str, why: str, *, keep: str = "") -> int:
    """End every session of a user, also those that no index shows yet; how many it showed.

    `keep` is the session that goes on, if any: the one in which somebody asks for it.
    """
    kind, now = rows.UserRow, clock.now_ms() + 1
    with write() as transaction:
        transaction.update(
            rows.user_named(user),
            actions=[kind.sessions_from.set(now)],
            condition=kind.pk.exists(),
        )
        if keep:
            _keep(transaction, keep, now)
    found = [s.id for s in rows.sessions_of(user) if not s.revoked and s.id != keep]
    for session in found:
        revoke(session, why)
    return len(found)


def end_others(transaction: TransactWrite, actor: Actor) -> Action:
    """End all sessions but this one, which has no second factor any more, in a transaction.

    Gives the change of the user's row, which the caller makes together with its own.
    """
    now = clock.now_ms() + 1
    _keep(transaction, actor.session, now, weak=not actor.sso)
    return rows.UserRow.sessions_from.set(now)


def revoke(session: str, why: str) -> None:
    """End one session, at once; no error when there is none."""
    try:
        rows.session_named(session).update(
            actions=[rows.SessionRow.revoked.set(why)],
            condition=rows.SessionRow.pk.exists(),
        )
    except (UpdateError, DoesNotExist) as error:
        if not (isinstance(error, UpdateError) and lost_condition(error)):
            raise


def _keep(transaction: TransactWrite, session: str, now: int, *, weak: bool = False) -> None:
    row = rows.SessionRow
    changes: list[Action] = [row.began.set(now)]
    if weak:
        changes.append(row.mfa_at.set(0))
    transaction.update(rows.session_named(session), actions=changes, condition=row.pk.exists())
