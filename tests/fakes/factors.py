"""People with second factors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pyotp

from chalicelib.core import clock
from tests.fakes.authenticator import Authenticator
from tests.fakes.client import Answer, Client
from tests.fakes.people import PASSWORD, Person


@dataclass
class App:
    """An authenticator app whose codes are never asked for twice."""

    secret: str
    id: str = ""
    used: set[int] = field(default_factory=set)

    def code(self, shift: int = 0) -> str:
        """The code of the step that is so many steps away, whether it was used or not."""
        return pyotp.TOTP(self.secret).generate_otp(clock.epoch() // 30 + shift)

    def fresh(self) -> str:
        """A code that is good now and was not given before: there are three at a time."""
        now = clock.epoch() // 30
        step = next(s for s in (now - 1, now, now + 1) if s > max(self.used, default=0))
        self.used.add(step)
        return pyotp.TOTP(self.secret).generate_otp(step)


def enrol_app(of: Person) -> tuple[App, list[str]]:
    """An authenticator app for somebody who is signed in, and their recovery codes."""
    made = of.client.post("/v1/me/factors/totp").json()
    app = App(made["secret"], made["id"])
    answer = of.client.post("/v1/me/factors/totp/confirm", {"code": app.fresh()})
    assert answer.status == 200, answer.text
    return app, answer.json()["recovery_codes"]


def enrol_passkey(of: Person, device: Authenticator | None = None) -> tuple[Authenticator, Any]:
    """A passkey for somebody who is signed in, and the answer."""
    device = device or Authenticator()
    options = of.client.post("/v1/me/factors/passkeys/options").json()["options"]
    answer = of.client.post(
        "/v1/me/factors/passkeys", {"name": "Laptop", "credential": device.create(options)}
    )
    assert answer.status == 201, answer.text
    return device, answer.json()


def log_in(api: Client, of: Person) -> Answer:
    """Sign in with the password."""
    return api.post("/v1/auth/login", {"email": of.email, "password": PASSWORD})


def answer_code(api: Client, challenge: str, code: str, method: str = "totp") -> Answer:
    """Answer a challenge with a code."""
    return api.post("/v1/auth/mfa", {"challenge": challenge, "method": method, "code": code})
