"""Signing in a machine without a browser: it shows a code, and asks until somebody decided."""

from __future__ import annotations

import platform
import time

from cli.api import Json
from cli.context import Deck
from cli.errors import DeckError, Failed, NetworkError

SLOWER = 5.0
"""Seconds that RFC 8628 adds to the pause when the API says `slow_down`."""


def sign_in(deck: Deck) -> Json:
    """Show a code, wait for its approval, and give the API's answer.

    Raises Failed when it was refused or too late.
    """
    asked = {"name": (platform.node() or "a device")[:100]}
    device = deck.api.post("/auth/device", asked, signed_in=False)
    code = device["user_code"]
    shown = ("user_code", "verification_uri", "verification_uri_complete", "expires_in")
    deck.tell(
        {name: device[name] for name in shown},
        f"Your code is {code}\n"
        f"Open {device['verification_uri']} on any device and type it there,\n"
        f"or run this where you are signed in:  deck --api {deck.api.url} device approve {code}",
    )
    until = time.monotonic() + float(device["expires_in"])
    pause = float(device["interval"])
    while time.monotonic() < until:
        time.sleep(pause)
        try:
            body = {"device_code": device["device_code"]}
            return deck.api.post("/auth/device/token", body, signed_in=False)
        except NetworkError:
            pause *= 2  # section 3.5: exponential backoff
        except DeckError as error:
            pause += _slower(error)
    raise _late()


def _slower(error: DeckError) -> float:
    """Seconds to add to the pause; raises what ends the waiting."""
    if error.code == "authorization_pending":
        return 0.0
    if error.code in ("slow_down", "rate_limited"):
        return SLOWER
    if error.code == "expired_token":
        raise _late() from error
    if error.code == "access_denied":
        raise Failed("access_denied", "Somebody refused to sign this machine in") from error
    raise error


def _late() -> Failed:
    return Failed(
        "expired_token", "Nobody approved the code in time", "Run it again and approve it sooner."
    )
