"""Signing in with an identity provider."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from chalicelib.accounts.actions import callbacks, entrances, providers, settings
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.core.http import PUBLIC, Call, Empty, Input, Output, secret_field
from chalicelib.identity.routes.views import SignIn, note_sign_in, sign_in_view


class Leaving(Input):
    """Where to come back to, and the PKCE challenge (S256) of whoever begins."""

    return_to: str = Field(max_length=500)
    challenge: str = Field(max_length=43)


class Address(Output):
    """Where the browser has to go."""

    url: str


class Callback(Input):
    """What a provider sends along (RFC 6749, RFC 9207); some add things of their own."""

    model_config = ConfigDict(extra="ignore", str_max_length=8192)

    state: str = Field("", max_length=500)
    code: str = ""
    error: str = Field("", max_length=200)
    iss: str | None = Field(None, max_length=2000)


class Exchange(Input):
    """A code that came back, and the PKCE verifier."""

    code: str = secret_field(max_length=200)
    verifier: str = secret_field(max_length=128)


class Entrance(Exchange):
    """The same to sign in; a newcomer may have been invited."""

    invitation: str = secret_field("", max_length=200)


class OfferedProvider(Output):
    """A provider that people may sign in with here."""

    id: str
    name: str


class Ways(Output):
    """How people may sign in and up."""

    items: list[OfferedProvider]
    password: bool = True
    sign_up: str


@routes.get("/auth/providers", permission=PUBLIC, answer=Ways)
def list_providers(_call: Call) -> Ways:
    """How people may sign in here, and who may sign up."""
    items = [OfferedProvider(id=one.id, name=one.name) for one in providers.offered()]
    return Ways(items=items, sign_up=settings.sign_up_mode())


@routes.post(
    "/auth/providers/{provider}/start",
    permission=PUBLIC,
    body=Leaving,
    answer=Address,
    limit="sign_in",
    audited=False,
    problems=(404,),
)
def start_sign_in(call: Call) -> Address:
    """Begin to sign in with a provider."""
    connection = providers.connection_of(providers.configured(call.path["provider"]).id)
    return Address(url=callbacks.start(connection, call.body.return_to, call.body.challenge))


@routes.get("/auth/callback", permission=PUBLIC, query=Callback, answer=Empty, status=302)
def come_back(call: Call) -> tuple[Empty, dict[str, str]]:
    """Where providers send browsers back to; goes on to where the sign-in began."""
    return _back(call, "")


@routes.get(
    "/auth/callback/{team}",
    permission=PUBLIC,
    query=Callback,
    answer=Empty,
    status=302,
)
def come_back_to_team(call: Call) -> tuple[Empty, dict[str, str]]:
    """Where a team's own provider sends browsers back to."""
    return _back(call, call.path["team"])


@routes.post(
    "/auth/exchange",
    permission=PUBLIC,
    body=Entrance,
    answer=SignIn,
    problems=(403, 404, 409),
)
def exchange_code(call: Call) -> SignIn:
    """Sign in with the code that came back; the client that began has the verifier."""
    body, actor = call.body, call.actor
    result = entrances.enter(body.code, body.verifier, actor.ip, actor.agent, body.invitation)
    note_sign_in(call, result)
    return sign_in_view(result)


def _back(call: Call, team: str) -> tuple[Empty, dict[str, str]]:
    given = call.query
    location = callbacks.finish(given.state, given.code, given.error, given.iss, team)
    return Empty(), {"Location": location, "Referrer-Policy": "no-referrer"}
