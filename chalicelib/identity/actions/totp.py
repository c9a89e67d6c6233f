"""Authenticator apps: codes of the moment (RFC 6238), each good once."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, crypto, ids
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.console import console_url
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.core.table import lost_condition
from chalicelib.identity import rows
from chalicelib.identity.actions import factors
from chalicelib.identity.rules import PENDING_SECONDS, normal_code, steps_near
from chalicelib.ports import services


@dataclass(frozen=True)
class NewApp:
    """What an authenticator app is told, this once."""

    id: str
    secret: str
    uri: str


def propose(actor: Actor) -> NewApp:
    """A secret for an app; it counts when a code of it was confirmed within 15 minutes."""
    import pyotp

    user = factors.person(actor)
    factors.check_room(user)
    factor, secret = ids.new("fac"), pyotp.random_base32()
    sealed = crypto.seal(services().keys, secret.encode(), _context(user.id, factor))
    rows.new_pending(user.id, factor, sealed, clock.epoch(PENDING_SECONDS)).save()
    host = urlsplit(console_url() or settings().api_url).hostname or ""
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=f"CloudDeck {host}")
    return NewApp(factor, secret, uri)


def confirm(actor: Actor, code: str, name: str) -> list[str]:
    """Make the proposed app a factor; recovery codes when it is the first of all.

    Raises Conflict `totp_not_proposed` and Invalid `code_wrong`.
    """
    user = factors.person(actor)
    pending = rows.pending_of(user.id)
    if pending is None or pending.expires_at < clock.epoch():
        raise Conflict(
            "totp_not_proposed",
            "No authenticator app waits for its first code.",
            hint="POST /v1/me/factors/totp makes a secret; confirm it within 15 minutes.",
        )
    step = _step_of(_secret(user.id, pending.factor, bytes(pending.sealed)), code, 0)
    if step is None:
        raise Invalid(
            "code_wrong",
            "The app would show another code now.",
            hint="Check that the clocks of both devices are right, and send the newest code.",
        )
    factor = rows.new_factor(user.id, pending.factor, "totp", name, clock.iso())
    factor.sealed, factor.last_step = pending.sealed, step
    return factors.add(actor, factor, instead_of=pending)


def check(known: list[rows.FactorRow], code: str) -> rows.FactorRow | None:
    """The app that shows this code, which is spent now; None when none does."""
    for factor in known:
        if factor.kind != "totp":
            continue
        secret = _secret(factor.user, factor.id, bytes(factor.sealed or b""))
        step = _step_of(secret, code, int(factor.last_step))
        if step is not None and _spend(factor, step):
            return factor
    return None


def _step_of(secret: str, code: str, after: int) -> int | None:
    import pyotp

    given, app = normal_code(code), pyotp.TOTP(secret)
    found = None
    for step in steps_near(clock.epoch()):  # all of them, whichever it is: the time tells nothing
        same = hmac.compare_digest(app.generate_otp(step), given)
        if same and step > after and found is None:
            found = step
    return found


def _spend(factor: rows.FactorRow, step: int) -> bool:
    kind = rows.FactorRow
    try:
        factor.update(
            actions=[kind.last_step.set(step), kind.used_at.set(clock.epoch())],
            condition=kind.pk.exists() & (kind.last_step < step),
        )
    except UpdateError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _secret(user: str, factor: str, sealed: bytes) -> str:
    return crypto.unseal(services().keys, sealed, _context(user, factor)).decode()


def _context(user: str, factor: str) -> dict[str, str]:
    return {"user": user, "factor": factor}
