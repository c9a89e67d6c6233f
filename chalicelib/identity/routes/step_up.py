"""Proving again who one is, for what can do harm."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from chalicelib.core import clock
from chalicelib.core.http import SIGNED_IN, Call, Input, Output, secret_field
from chalicelib.identity.actions import proofs
from chalicelib.identity.routes.blueprint import routes
from chalicelib.identity.routes.views import Credential


class WaysView(Output):
    """By what this person can prove it, and what a browser needs for a passkey."""

    methods: list[Literal["password", "totp", "passkey", "recovery", "sign_in"]] = Field(
        description="`sign_in`: nothing to ask for here, sign in again at the identity provider"
    )
    options: dict[str, Any] | None = Field(description="for `navigator.credentials.get`")


class StepUp(Input):
    """The password, or for accounts with a second factor that factor."""

    password: str | None = secret_field(None, max_length=1000)
    method: Literal["totp", "passkey", "recovery"] | None = None
    code: str = secret_field("", max_length=40)
    credential: Credential | None = secret_field(None)


class ProvedView(Output):
    """Until when the proof is fresh."""

    proved_until: str


@routes.post(
    "/auth/step-up/options",
    permission=SIGNED_IN,
    answer=WaysView,
    problems=(403, 429),
    limit="sign_in",
    audited=False,
)
def step_up_options(call: Call) -> WaysView:
    """By what this session can step up."""
    methods, options = proofs.ways(call.actor)
    return WaysView(methods=list(methods), options=options)  # type: ignore[arg-type]  # these words


@routes.post(
    "/auth/step-up",
    permission=SIGNED_IN,
    body=StepUp,
    answer=ProvedView,
    problems=(401, 403, 409, 429),
    limit="sign_in",
)
def step_up(call: Call) -> ProvedView:
    """Prove again that it is you; this session may then do what asks for it, for ten minutes."""
    call.trail.insist()  # somebody at an open session who does not know the password
    given = call.body
    answer = None
    if given.method is not None:
        answer = proofs.Answer(given.method, given.code, given.credential)
    until = proofs.step_up(call.actor, given.password, answer)
    return ProvedView(proved_until=clock.iso(until * 1000))
