"""Proving who one is, once more: the second factor of a sign-in, and the step-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.core import stepup
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid, Problem
from chalicelib.identity import rows
from chalicelib.identity.actions import (
    attempts,
    ceremonies,
    challenges,
    factors,
    gates,
    notices,
    passkeys,
    recovery,
    sessions,
    totp,
)
from chalicelib.identity.actions.users import verify_password


@dataclass(frozen=True)
class Answer:
    """What somebody says to prove it: `method` is `totp`, `passkey` or `recovery`."""

    method: str
    code: str = ""
    credential: dict[str, Any] | None = None


def finish_sign_in(challenge: str, answer: Answer, ip: str, agent: str) -> sessions.Tokens:
    """Let somebody in who answers the challenge of a sign-in.

    Raises Unauthenticated `challenge_over` or `factor_failed`, TooMany `too_many_attempts`.
    """
    row = challenges.take("mfa", challenge)
    user = rows.user_of(row.user)
    if user is None or int(row.began) < int(user.sessions_from):
        raise challenges.over()
    sessions.check_status(user)
    gates.check(user.email, row.sso)
    _check_factor(user, answer, bytes(row.nonce), verify=False)
    challenges.close(row)
    return sessions.start(user, challenges.answering(row.proof, ip, agent))


def ways(actor: Actor) -> tuple[tuple[str, ...], dict[str, Any] | None]:
    """By what this person can step up, and the options of a passkey when they have one.

    `sign_in` says that there is nothing to ask for: sign in again at the identity provider.
    """
    user = factors.person(actor)
    if not user.factors:
        return ("password",) if user.password_hash else ("sign_in",), None
    known = rows.factors_of(user.id)
    options = None
    if any(factor.kind == "passkey" for factor in known):
        _, row = challenges.open_challenge("step_up", user=user.id, session=actor.session)
        options = ceremonies.request_options(bytes(row.nonce), known)
    return challenges.methods(user.id, known), options


def step_up(actor: Actor, password: str | None, answer: Answer | None) -> int:
    """Prove again who is at this session; until when that is fresh, in seconds since 1970.

    Who has a factor has to prove that one. Raises Unauthenticated `password_wrong`,
    `factor_failed` or `challenge_over`, Invalid `factor_needed`, Conflict `sign_in_again`.
    """
    user = factors.person(actor)
    if user.factors:
        if answer is None:
            raise Invalid(
                "factor_needed",
                "This account has a second factor, so a password is not enough.",
                hint="Send `method` and `code` or `credential`; POST /v1/auth/step-up/options "
                "says what is possible.",
            )
        nonce, row = b"", None
        if answer.method == "passkey":
            row = challenges.take_of_session("step_up", actor.session)
            nonce = bytes(row.nonce)
        _check_factor(user, answer, nonce, verify=True)
        if row is not None:
            challenges.close(row)
    else:
        _check_password(user, password)
    return sessions.prove(actor.session, strong=bool(user.factors)) + stepup.FRESH_SECONDS


def _check_factor(user: rows.UserRow, answer: Answer, nonce: bytes, *, verify: bool) -> None:
    counted = attempts.count("factor", user.id)
    if answer.method == "recovery":
        good = recovery.spend(user.id, answer.code)
    elif answer.method == "passkey":
        known = rows.factors_of(user.id)
        good = passkeys.check(known, answer.credential or {}, nonce, verify=verify) is not None
    else:
        good = totp.check(rows.factors_of(user.id), answer.code) is not None
    if not good:
        raise challenges.refused("factor_failed", "The code or passkey is not the right one.")
    counted.delete()
    if answer.method == "recovery":
        notices.recovery_code_used(user, recovery.left(user.id))


def _check_password(user: rows.UserRow, password: str | None) -> None:
    if not user.password_hash:
        raise sign_in_again()
    if password is None:
        raise Invalid(
            "password_needed",
            "This account has no second factor, so its password proves who it is.",
            hint="Send `password`.",
        )
    counted = attempts.count("step-up", user.id)
    if not verify_password(user, password):
        raise challenges.refused("password_wrong", "The password is wrong.")
    counted.delete()


def sign_in_again() -> Problem:
    """The answer to somebody who has nothing here to prove anything with."""
    return Conflict(
        "sign_in_again",
        "This account has neither a password nor a second factor here.",
        hint="Sign in again at your identity provider: that is fresh for ten minutes. "
        "Or add a factor then, which proves it without leaving.",
    )
