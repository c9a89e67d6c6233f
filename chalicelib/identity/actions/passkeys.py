"""Passkeys: made, used as a second factor, and alone to sign in."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Invalid
from chalicelib.core.table import lost_condition
from chalicelib.identity import rows
from chalicelib.identity.actions import ceremonies, challenges, factors, sessions
from chalicelib.identity.actions.sessions import Tokens


def propose(actor: Actor) -> dict[str, Any]:
    """What a browser needs to make a passkey for this person within five minutes."""
    user = factors.person(actor)
    factors.check_room(user)
    ceremonies.party()
    _, row = challenges.open_challenge("enrol", user=user.id, session=actor.session)
    return ceremonies.creation_options(user, bytes(row.nonce), rows.factors_of(user.id))


def register(
    actor: Actor, name: str, credential: dict[str, Any]
) -> tuple[rows.FactorRow, list[str]]:
    """Make a passkey a factor: its row, and recovery codes when it is the first of all."""
    factors.person(actor)
    row = challenges.take_of_session("enrol", actor.session)
    try:
        made = ceremonies.register(credential, bytes(row.nonce))
    except ceremonies.Refused:
        raise Invalid(
            "passkey_refused",
            "This passkey was not made for this page, this person and this moment.",
            hint="Ask for new options with POST /v1/me/factors/passkeys/options and try again.",
        ) from None
    challenges.close(row)
    factor = rows.new_factor(actor.user, ids.new("fac"), "passkey", name, clock.iso())
    factor.credential, factor.public_key = made.credential, made.public_key
    factor.sign_count, factor.verifies = made.sign_count, made.verifies
    factor.transports = list(made.transports)  # type: ignore[arg-type]  # plain texts
    return factor, factors.add(actor, factor, claim=rows.passkey_claim(factor))


def check(
    known: list[rows.FactorRow], credential: dict[str, Any], nonce: bytes, *, verify: bool
) -> rows.FactorRow | None:
    """Which of these passkeys answered; None when none did.

    With `verify` a passkey that can ask for a PIN or a finger has to have done so.
    """
    named = ceremonies.credential_id(credential)
    for factor in known:
        if factor.kind == "passkey" and factor.credential == named:
            asked = verify and bool(factor.verifies)
            return factor if _answered(factor, credential, nonce, verify=asked) else None
    return None


def start() -> challenges.Challenge:
    """Ask a stranger's browser for any passkey of ours."""
    ceremonies.party()
    identifier, row = challenges.open_challenge("sign_in")
    return challenges.Challenge(
        identifier, ("passkey",), ceremonies.discovery_options(bytes(row.nonce))
    )


def sign_in(
    challenge: str, credential: dict[str, Any], ip: str, agent: str
) -> Tokens | challenges.Challenge:
    """Let somebody in by a passkey that verified them: two factors in one.

    Raises Unauthenticated `factor_failed` or `challenge_over`; a challenge takes one answer.
    """
    row = challenges.take("sign_in", challenge, answers=1)
    factor = rows.passkey_of(ceremonies.credential_id(credential))
    if (
        factor is None
        or ceremonies.user_handle(credential) != factor.user
        or not _answered(factor, credential, bytes(row.nonce), verify=True)
    ):
        raise challenges.refused(
            "factor_failed", "This passkey does not belong to an account here."
        )
    challenges.close(row)
    user = rows.user_of(factor.user)
    if user is None:
        raise challenges.over()
    return sessions.admit(user, rows.Proof("passkey", strong=True, ip=ip, agent=agent))


def _answered(
    factor: rows.FactorRow, credential: dict[str, Any], nonce: bytes, *, verify: bool
) -> bool:
    try:
        count = ceremonies.check(credential, nonce, factor, verify=verify)
    except ceremonies.Refused:
        return False
    kind = rows.FactorRow
    unseen = kind.sign_count == factor.sign_count
    try:
        factor.update(
            actions=[kind.sign_count.set(count), kind.used_at.set(clock.epoch())],
            condition=kind.pk.exists() & unseen,
        )
    except UpdateError as error:
        if lost_condition(error):
            return False
        raise
    return True
