"""Devices that wait to be signed in (RFC 8628)."""

from __future__ import annotations

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.accounts.rules.device import INTERVAL, SECONDS
from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find
from chalicelib.identity.rows import UniqueRow, owner_of, unique
from chalicelib.identity.rules import digest


class DeviceRow(CoreRow):
    """A device: `DEVICE#hash of device code` / `META`; `UNIQ#device#user code` points at it.

    `state` is `pending`, `approved` or `denied`. `user`, `session`, `strong` and `sso` are those of
    whoever approved. `asked_ms` is when the device asked last, in milliseconds.
    """

    user_code = UnicodeAttribute()
    name = UnicodeAttribute()
    ip = UnicodeAttribute(default="")
    agent = UnicodeAttribute(default="")
    state = UnicodeAttribute(default="pending")
    user = UnicodeAttribute(default="")
    session = UnicodeAttribute(default="")
    strong = BooleanAttribute(default=False)
    sso = UnicodeAttribute(default="")
    interval = NumberAttribute(default=INTERVAL)
    asked_ms = NumberAttribute(default=0)
    created_at = UnicodeAttribute()
    expires_at = NumberAttribute()


def new_device(
    device_code: str, user_code: str, name: str, ip: str, agent: str
) -> tuple[DeviceRow, UniqueRow]:
    """A device and the claim on its user code, not saved yet."""
    expires = clock.epoch(SECONDS)
    row = DeviceRow(
        f"DEVICE#{digest(device_code)}",
        "META",
        user_code=user_code,
        name=name,
        ip=ip,
        agent=agent,
        created_at=clock.iso(),
        expires_at=expires,
        ttl=expires,
    )
    claim = unique("device", user_code, row.pk)
    claim.ttl = expires
    return row, claim


def device_claim(user_code: str) -> UniqueRow:
    """The claim on a user code, to delete it."""
    return unique("device", user_code, "")


def device_by_code(device_code: str) -> DeviceRow | None:
    """The device that has this code and still may use it."""
    return _alive(find(DeviceRow, f"DEVICE#{digest(device_code)}"))


def device_by_user_code(user_code: str) -> DeviceRow | None:
    """The device that shows this code and still may use it."""
    pk = owner_of("device", user_code)
    return _alive(find(DeviceRow, pk)) if pk else None


def _alive(row: DeviceRow | None) -> DeviceRow | None:
    return row if row is not None and int(row.expires_at) >= clock.epoch() else None
