"""Signing in a device without a browser (RFC 8628)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from chalicelib.accounts import rows
from chalicelib.accounts.actions import devices
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.rules.device import shown
from chalicelib.accounts.rules.people import check_line
from chalicelib.core import clock, stepup
from chalicelib.core.http import PUBLIC, SIGNED_IN, Call, Input, Output, secret_field
from chalicelib.identity.routes.views import SignIn, note_sign_in, sign_in_view


class NewDevice(Input):
    """How the device is called, for whoever approves it."""

    name: Annotated[str, Field(max_length=100), AfterValidator(check_line)]


class WaitingDevice(Output):
    """What to show, and what to ask with."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int = Field(description="seconds")
    interval: int = Field(description="seconds between two questions")


class DeviceCode(Input):
    """What the device asks with."""

    device_code: str = secret_field(max_length=200)


class DeviceView(Output):
    """A device that wants to be signed in."""

    user_code: str
    name: str
    ip: str
    agent: str
    state: str
    created_at: str
    expires_at: str


@routes.post(
    "/auth/device",
    permission=PUBLIC,
    body=NewDevice,
    answer=WaitingDevice,
    limit="sign_in",
    audited=False,
)
def begin_device(call: Call) -> WaitingDevice:
    """Ask for a code with which somebody can sign this device in."""
    waiting = devices.begin(call.body.name, call.actor.ip, call.actor.agent)
    code = shown(waiting.user_code)
    return WaitingDevice(
        device_code=waiting.device_code,
        user_code=code,
        verification_uri=waiting.verification_uri,
        verification_uri_complete=f"{waiting.verification_uri}?code={code}",
        expires_in=waiting.expires_in,
        interval=waiting.interval,
    )


@routes.post(
    "/auth/device/token", permission=PUBLIC, body=DeviceCode, answer=SignIn, problems=(403,)
)
def sign_device_in(call: Call) -> SignIn:
    """Ask whether somebody has approved; 400 as long as nobody has."""
    result = devices.poll(call.body.device_code, call.actor.ip, call.actor.agent)
    note_sign_in(call, result)
    return sign_in_view(result)


@routes.get(
    "/me/device/{user_code}",
    permission=SIGNED_IN,
    answer=DeviceView,
    limit="sign_in",
    problems=(403,),
)
def look_at_device(call: Call) -> DeviceView:
    """Which device shows this code."""
    stepup.require_person(call.actor, "let a device in")
    return _view(devices.look(call.path["user_code"]))


@routes.post(
    "/me/device/{user_code}/approve",
    permission=SIGNED_IN,
    answer=DeviceView,
    limit="sign_in",
    step_up=True,
    problems=(403, 409),
)
def approve_device(call: Call) -> DeviceView:
    """Sign the device in as yourself."""
    stepup.require_person(call.actor, "let a device in")
    return _decided(call, devices.approve(call.path["user_code"], call.actor))


@routes.post(
    "/me/device/{user_code}/deny",
    permission=SIGNED_IN,
    answer=DeviceView,
    limit="sign_in",
    step_up=True,
    problems=(403, 409),
)
def deny_device(call: Call) -> DeviceView:
    """Refuse the device."""
    stepup.require_person(call.actor, "let a device in")
    return _decided(call, devices.deny(call.path["user_code"]))


def _decided(call: Call, row: rows.DeviceRow) -> DeviceView:
    call.trail.resource = row.name
    call.trail.after = {"device": row.name, "ip": row.ip, "agent": row.agent}
    return _view(row)


def _view(row: rows.DeviceRow) -> DeviceView:
    return DeviceView(
        user_code=shown(row.user_code),
        name=row.name,
        ip=row.ip,
        agent=row.agent,
        state=row.state,
        created_at=row.created_at,
        expires_at=clock.iso(int(row.expires_at) * 1000),
    )
