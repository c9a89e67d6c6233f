"""Signing in a device that has no browser: it shows a code, somebody signed in approves it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from pynamodb.exceptions import DeleteError, TransactWriteError, UpdateError

from chalicelib.accounts import rows
from chalicelib.accounts.actions import sso
from chalicelib.accounts.rules import device as rules
from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.console import console_url
from chalicelib.core.errors import Conflict, NotFound, Problem, Unavailable
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.actions import Challenge, Tokens
from chalicelib.identity.actions.sessions import admit, is_over
from chalicelib.identity.rows import Proof, UniqueRow, session_and_user

_TRIES = 5


@dataclass(frozen=True)
class Waiting:
    """What a device is told (RFC 8628, section 3.2)."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int


def begin(name: str, ip: str, agent: str) -> Waiting:
    """A device that wants to be signed in: what it shows, and what it asks with."""
    device_code = secrets.token_urlsafe(32)
    for _ in range(_TRIES):
        user_code = rules.new_user_code()
        row, claim = rows.new_device(device_code, user_code, name, ip, agent)
        try:
            with write() as transaction:
                transaction.save(row, condition=rows.DeviceRow.pk.does_not_exist())
                transaction.save(
                    claim,
                    # a code of the day before yesterday may still stand there
                    condition=UniqueRow.pk.does_not_exist() | (UniqueRow.ttl < clock.epoch()),
                )
        except TransactWriteError as error:
            if not lost_condition(error):
                raise
            continue
        page = f"{console_url() or settings().api_url}/#/device"
        return Waiting(device_code, user_code, page, rules.SECONDS, rules.INTERVAL)
    raise Unavailable("overloaded", "Too many devices are waiting.", retry_after=60)


def poll(device_code: str, ip: str, agent: str) -> Tokens | Challenge:
    """What a device gets that asks, once somebody has approved it; only once.

    Raises Problem `authorization_pending`, `slow_down`, `access_denied` or `expired_token`, and
    what `admit` raises.
    """
    row = rows.device_by_code(device_code) if len(device_code) <= 200 else None
    if row is None:
        raise _expired()
    if row.state == "pending":
        _pace(row)
        raise _answer("authorization_pending", "Nobody has approved this device yet.")
    _use_up(row)
    if row.state == "denied":
        raise _answer("access_denied", "Somebody refused to sign this device in.")
    session, user = session_and_user(row.session, row.user)
    # an approval ends with the session that gave it: nobody keeps a way in over a new password
    if session is None or user is None or is_over(session, user):
        raise _expired()
    sso.check_entry(user.email, row.sso)
    return admit(user, Proof("device", row.strong, row.sso, ip, agent))


def look(user_code: str) -> rows.DeviceRow:
    """The device that shows a code; raises NotFound."""
    code = rules.normal_user_code(user_code)
    row = rows.device_by_user_code(code) if code else None
    if row is None:
        raise _unknown()
    return row


def approve(user_code: str, actor: Actor) -> rows.DeviceRow:
    """Sign a device in as whoever calls, at the strength of their own session."""
    kind = rows.DeviceRow
    return _decide(
        look(user_code),
        [
            kind.state.set("approved"),
            kind.user.set(actor.user),
            kind.session.set(actor.session),
            kind.strong.set(actor.mfa_at > 0),
            kind.sso.set(actor.sso),
        ],
    )


def deny(user_code: str) -> rows.DeviceRow:
    """Refuse a device."""
    return _decide(look(user_code), [rows.DeviceRow.state.set("denied")])


def _decide(row: rows.DeviceRow, actions: list[object]) -> rows.DeviceRow:
    """Write a decision, once, and let the code be good for nothing more."""
    kind = rows.DeviceRow
    try:
        with write() as transaction:
            transaction.update(row, actions=actions, condition=kind.state == "pending")  # type: ignore[arg-type]  # of one kind each
            transaction.delete(rows.device_claim(row.user_code))
    except TransactWriteError as error:
        if lost_condition(error):
            raise Conflict(
                "device_decided",
                "Somebody has decided about this device already.",
                hint="Start again on the device, if it was not you.",
            ) from None
        raise
    return row


def _pace(row: rows.DeviceRow) -> None:
    """Count a question; raises Problem `slow_down` for one that came too early."""
    now, kind = clock.now_ms(), rows.DeviceRow
    asked = int(row.asked_ms)
    interval = int(row.interval)
    slower = rules.next_interval(interval, (now - asked) / 1000) if asked else interval
    try:
        row.update(
            actions=[kind.asked_ms.set(now), kind.interval.set(slower)],
            condition=(kind.state == "pending") & (kind.asked_ms == asked),
        )
    except UpdateError as error:
        if not lost_condition(error):
            raise
        slower = interval + rules.SLOWER  # two at the same time: one of them is too early
    if slower > interval:
        raise _answer("slow_down", f"This device asks too often; from now on every {slower} s.")


def _use_up(row: rows.DeviceRow) -> None:
    try:
        row.delete(condition=rows.DeviceRow.state == row.state)
    except DeleteError as error:
        if lost_condition(error):
            raise _expired() from None
        raise


def _answer(code: str, detail: str) -> Problem:
    return Problem(code, detail, hint="RFC 8628, section 3.5, says what to do.", status=400)


def _expired() -> Problem:
    return _answer("expired_token", "This device code is unknown, used, or too old.")


def _unknown() -> NotFound:
    return NotFound(
        "user_code_not_found",
        "No device waits with this code.",
        hint="Codes are good for a quarter of an hour; compare it with what the device shows.",
    )
