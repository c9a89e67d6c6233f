"""What several routes of sign-in share: the answer, and the shape of a credential."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from chalicelib.core.actor import Actor
from chalicelib.core.http import Call, Output
from chalicelib.identity import actions

_LONGEST_CREDENTIAL = 64 * 1024


class TokensView(Output):
    """Tokens of a session."""

    access_token: str
    refresh_token: str
    expires_in: int = Field(description="seconds until the access token expires")
    token_type: str = "Bearer"  # noqa: S105  # a word of OAuth


class ChallengeView(Output):
    """What is still to be proven: answer it at `POST /v1/auth/mfa` within five minutes."""

    id: str
    methods: list[Literal["totp", "passkey", "recovery"]]
    options: dict[str, Any] | None = Field(
        description="for `navigator.credentials.get`, when `passkey` is a method"
    )


class SignIn(Output):
    """Tokens, or the challenge that has to be answered before there are any."""

    access_token: str | None
    refresh_token: str | None
    expires_in: int | None = Field(description="seconds until the access token expires")
    token_type: str = "Bearer"  # noqa: S105  # a word of OAuth
    challenge: ChallengeView | None


def _short(credential: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(credential)) > _LONGEST_CREDENTIAL:
        raise ValueError(f"A credential has at most {_LONGEST_CREDENTIAL} characters.")
    return credential


Credential = Annotated[dict[str, Any], AfterValidator(_short)]
"""`PublicKeyCredential.toJSON()` of a browser."""


def tokens_view(tokens: actions.Tokens) -> TokensView:
    """Tokens as an answer."""
    return TokensView(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
    )


def sign_in_view(result: actions.Tokens | actions.Challenge) -> SignIn:
    """What `actions.admit` gave, as the answer of every way to sign in."""
    if isinstance(result, actions.Tokens):
        return SignIn(**tokens_view(result).model_dump(), challenge=None)
    return SignIn(
        access_token=None,
        refresh_token=None,
        expires_in=None,
        challenge=ChallengeView(
            id=result.id,
            methods=list(result.methods),  # type: ignore[arg-type]  # a tuple of these words
            options=result.options,
        ),
    )


def note_sign_in(call: Call, result: actions.Tokens | actions.Challenge) -> None:
    """Tell the audit log of the person's own team who signed in; a challenge is nobody yet.

    Who came by a team's identity provider, and perhaps became a member so, stands in its log.
    """
    if isinstance(result, actions.Tokens):
        call.trail.actor = Actor(
            kind="user",
            id=result.user,
            user=result.user,
            session=result.session,
            home=result.home,
            ip=call.actor.ip,
            agent=call.actor.agent,
        )
        call.trail.team, call.trail.resource = result.sso or result.home, result.session
        call.trail.after = {}
    else:
        call.trail.drop()
