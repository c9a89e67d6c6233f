"""Signing in and out."""

from __future__ import annotations

from pydantic import Field

from chalicelib.core.http import (
    PUBLIC,
    SIGNED_IN,
    Call,
    Empty,
    Input,
    Output,
    secret_field,
)
from chalicelib.identity import actions
from chalicelib.identity.routes.blueprint import routes
from chalicelib.identity.rows import Proof


class Login(Input):
    """E-mail and password."""

    email: str = Field(max_length=254)
    password: str = secret_field(max_length=1000)


class Refresh(Input):
    """A refresh token, good for one use."""

    refresh_token: str = secret_field(max_length=200)


class TokensView(Output):
    """Tokens of a session."""

    access_token: str
    refresh_token: str
    expires_in: int = Field(description="seconds until the access token expires")
    token_type: str = "Bearer"  # noqa: S105  # a word of OAuth


@routes.post(
    "/auth/login",
    permission=PUBLIC,
    body=Login,
    answer=TokensView,
    problems=(401, 403),
    limit="sign_in",
)
def login(call: Call) -> TokensView:
    """Sign in with e-mail and password."""
    proof = Proof("password", ip=call.actor.ip, agent=call.actor.agent)
    return _view(actions.login(call.body.email, call.body.password, proof))


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
