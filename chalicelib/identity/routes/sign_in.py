"""Signing in and out."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from chalicelib.core.http import PUBLIC, SIGNED_IN, Call, Empty, Input, Output, secret_field
from chalicelib.identity import actions
from chalicelib.identity.actions import passkeys, proofs
from chalicelib.identity.routes.blueprint import routes
from chalicelib.identity.routes.views import (
    Credential,
    SignIn,
    TokensView,
    note_sign_in,
    sign_in_view,
    tokens_view,
)
from chalicelib.identity.rows import Proof


class Login(Input):
    """E-mail and password."""

    email: str = Field(max_length=254)
    password: str = secret_field(max_length=1000)


class Refresh(Input):
    """A refresh token, good for one use."""

    refresh_token: str = secret_field(max_length=200)


class SecondFactor(Input):
    """The answer to a challenge: a `code` of an app or from the list, or a passkey's signature."""

    challenge: str = secret_field(max_length=100)
    method: Literal["totp", "passkey", "recovery"]
    code: str = secret_field("", max_length=40)
    credential: Credential | None = secret_field(None)


class PasskeyOptions(Output):
    """What a browser needs to sign in with a passkey."""

    challenge: str
    options: dict[str, Any] = Field(description="for `navigator.credentials.get`")


class PasskeySignIn(Input):
    """A passkey's signature over the challenge."""

    challenge: str = secret_field(max_length=100)
    credential: Credential = secret_field()


@routes.post(
    "/auth/login",
    permission=PUBLIC,
    body=Login,
    answer=SignIn,
    problems=(401, 403, 429),
    limit="sign_in",
)
def login(call: Call) -> SignIn:
    """Sign in with e-mail and password; who has a second factor gets a challenge."""
    proof = Proof("password", ip=call.actor.ip, agent=call.actor.agent)
    result = actions.login(call.body.email, call.body.password, proof)
    note_sign_in(call, result)
    return sign_in_view(result)


@routes.post(
    "/auth/mfa",
    permission=PUBLIC,
    body=SecondFactor,
    answer=SignIn,
    problems=(401, 403, 429),
    limit="sign_in",
)
def answer_challenge(call: Call) -> SignIn:
    """Answer the challenge of a sign-in with a second factor."""
    given = call.body
    answer = proofs.Answer(given.method, given.code, given.credential)
    result = proofs.finish_sign_in(given.challenge, answer, call.actor.ip, call.actor.agent)
    note_sign_in(call, result)
    return sign_in_view(result)


@routes.post(
    "/auth/passkey/options",
    permission=PUBLIC,
    answer=PasskeyOptions,
    problems=(409, 429),
    limit="sign_in",
    audited=False,
)
def passkey_options(_call: Call) -> PasskeyOptions:
    """Ask a browser for any passkey of this installation; good for five minutes."""
    asked = passkeys.start()
    return PasskeyOptions(challenge=asked.id, options=asked.options or {})


@routes.post(
    "/auth/passkey",
    permission=PUBLIC,
    body=PasskeySignIn,
    answer=SignIn,
    problems=(401, 403, 409, 429),
    limit="sign_in",
)
def sign_in_with_passkey(call: Call) -> SignIn:
    """Sign in with a passkey alone; it has verified its user, so it counts as two factors."""
    given = call.body
    result = passkeys.sign_in(given.challenge, given.credential, call.actor.ip, call.actor.agent)
    note_sign_in(call, result)
    return sign_in_view(result)


@routes.post(
    "/auth/refresh",
    permission=PUBLIC,
    body=Refresh,
    answer=TokensView,
    problems=(401, 409),
    audited=False,
)
def refresh(call: Call) -> TokensView:
    """Exchange a refresh token for new tokens."""
    return tokens_view(actions.refresh(call.body.refresh_token))


@routes.post("/auth/logout", permission=SIGNED_IN, answer=Empty, status=204)
def logout(call: Call) -> None:
    """End this session at once."""
    actions.logout(call.actor)
