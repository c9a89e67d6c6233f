"""Asking for a second factor or a passkey: a question with few answers and a short life."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

from pynamodb.exceptions import DeleteError, UpdateError

from chalicelib.core import clock
from chalicelib.core.errors import Unauthenticated
from chalicelib.core.table import lost_condition
from chalicelib.identity import rows
from chalicelib.identity.actions import ceremonies
from chalicelib.identity.rules import CHALLENGE_ANSWERS, CHALLENGE_SECONDS


@dataclass(frozen=True)
class Challenge:
    """What is still to be proven before somebody is in; `options` are those of a passkey."""

    id: str
    methods: tuple[str, ...]
    options: dict[str, Any] | None = None


def open_challenge(
    purpose: str,
    *,
    user: str = "",
    proof: rows.Proof | None = None,
    session: str = "",
    began: int = 0,
) -> tuple[str, rows.ChallengeRow]:
    """Write down a question; its id is a secret, except that a session has one of each purpose."""
    identifier = _of_session(purpose, session) if session else secrets.token_urlsafe(32)
    row = rows.new_challenge(identifier, purpose, secrets.token_bytes(32), CHALLENGE_SECONDS)
    row.user, row.began = user, began
    if proof is not None:
        row.via, row.sso = proof.via, proof.sso
    row.save()
    return identifier, row


def ask_factor(user: rows.UserRow, proof: rows.Proof) -> Challenge:
    """Ask somebody for a second factor, after a proof that is not enough by itself."""
    identifier, row = open_challenge(
        "mfa", user=user.id, proof=proof, began=int(user.sessions_from)
    )
    factors = rows.factors_of(user.id)
    options = ceremonies.request_options(bytes(row.nonce), factors)
    return Challenge(identifier, methods(user.id, factors), options)


def methods(user: str, factors: list[rows.FactorRow]) -> tuple[str, ...]:
    """With what somebody can answer: `totp`, `passkey`, `recovery`."""
    found = [kind for kind in ("totp", "passkey") if any(f.kind == kind for f in factors)]
    if "passkey" in found and ceremonies.here() is None:
        found.remove("passkey")
    recovery = rows.recovery_of(user)
    if recovery is not None and recovery.codes:
        found.append("recovery")
    return tuple(found)


def take(purpose: str, identifier: str, *, answers: int = CHALLENGE_ANSWERS) -> rows.ChallengeRow:
    """The open question with this id, one answer spent.

    Raises Unauthenticated `challenge_over` for one that is unknown, late, answered, of another
    purpose, or was answered wrongly too often.
    """
    row = rows.challenge_of(identifier)
    if row is None or row.purpose != purpose or row.expires_at < clock.epoch():
        raise over()
    known = rows.ChallengeRow
    try:
        row.update(
            actions=[known.answers.set(known.answers + 1)],
            condition=known.pk.exists() & (known.answers < answers),
        )
    except UpdateError as error:
        if lost_condition(error):
            raise over() from None
        raise
    return row


def take_of_session(purpose: str, session: str) -> rows.ChallengeRow:
    """The open question that a session asked for; as `take`."""
    return take(purpose, _of_session(purpose, session))


def close(row: rows.ChallengeRow) -> None:
    """The question was answered rightly; raises `challenge_over` when another answer was first."""
    try:
        row.delete(condition=rows.ChallengeRow.nonce == bytes(row.nonce))
    except DeleteError as error:
        if lost_condition(error):
            raise over() from None
        raise


def over() -> Unauthenticated:
    """The one error for every question that nobody may answer any more."""
    return Unauthenticated(
        "challenge_over",
        "This challenge is over: answered already, too old, or answered wrongly too often.",
        hint="Start again: a challenge lives five minutes and takes five answers.",
        headers=dict(WRONG_PROOF),
    )


def refused(code: str, detail: str) -> Unauthenticated:
    """The proof was wrong."""
    return Unauthenticated(
        code,
        detail,
        hint=_HINTS[code],
        headers=dict(WRONG_PROOF),
    )


def answering(proof: rows.Proof, ip: str, agent: str) -> rows.Proof:
    """The proof of somebody who has added a second factor."""
    return replace(proof, strong=True, ip=ip, agent=agent)


_HINTS = {
    "factor_failed": "Check the device and its clock; a code is good once. Or use a recovery code.",
    "password_wrong": "Check it; after ten failures there is a pause of up to 15 minutes.",
}
WRONG_PROOF = {"WWW-Authenticate": 'Bearer realm="clouddeck"'}
"""No `error="invalid_token"`: the token, if there is one, is as good as before."""


def _of_session(purpose: str, session: str) -> str:
    return f"{purpose}:{session}"
