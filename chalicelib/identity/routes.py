"""Signing in and out."""

from __future__ import annotations

from pydantic import Field

from chalicelib.core.http import PUBLIC, SIGNED_IN, Call, Empty, Input, Output, Routes
from chalicelib.identity import actions

routes = Routes("identity")


class Login(Input):
    """E-mail and password."""

    email: str = Field(max_length=254)
    password: str = Field(max_length=1000)


class Refresh(Input):
    """A refresh token, good for one use."""

    refresh_token: str = Field(max_length=200)


class TokensView(Output):
    """Tokens of a session."""

    access_token: str
    refresh_token: str
    expires_in: int = Field(description="seconds until the access token expires")
    token_type: str = "Bearer"  # noqa: S105  # a word of OAuth


@routes.post("/auth/login", permission=PUBLIC, body=Login, answer=TokensView, problems=(401, 429))
def login(call: Call) -> TokensView:
    """Sign in with e-mail and password."""
    return _view(actions.login(call.body.email, call.body.password))


@routes.post(
    "/auth/refresh", permission=PUBLIC, body=Refresh, answer=TokensView, problems=(401, 409)
)
def refresh(call: Call) -> TokensView:
    """Exchange a refresh token for new tokens."""
    return _view(actions.refresh(call.body.refresh_token))


@routes.post("/auth/logout", permission=SIGNED_IN, answer=Empty, status=204)
def logout(call: Call) -> None:
    """End this session at once."""
    actions.logout(call.actor)


def _view(tokens: actions.Tokens) -> TokensView:
    return TokensView(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
    )
