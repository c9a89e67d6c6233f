"""The keys of access tokens, for others who check them."""

from __future__ import annotations

from chalicelib.core.http import PUBLIC, Call, Output
from chalicelib.identity.actions import jwks
from chalicelib.identity.routes.blueprint import routes


class KeyView(Output):
    """A public key (RFC 7517)."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    alg: str
    use: str


class KeysView(Output):
    """A set of keys: during a rotation the new one and the one before."""

    keys: list[KeyView]


@routes.get("/auth/jwks.json", permission=PUBLIC, answer=KeysView)
def show_keys(_call: Call) -> tuple[KeysView, dict[str, str]]:
    """The public keys of access tokens; may be kept for five minutes."""
    found = KeysView(keys=[KeyView(**key) for key in jwks.public_keys()])
    return found, {"Cache-Control": "public, max-age=300"}
