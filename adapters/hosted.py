"""The API for a host that speaks ASGI: a container, Cloud Run, the Functions Framework, Azure.

Same app, same events as behind API Gateway. Live connections are not here: they stay with API
Gateway, whose address `/v1/meta` gives to clients.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable, Iterable

from adapters.http import Receive, Rest, Scope, Send, lifespan

Door = Callable[[Scope, Receive, Send], Awaitable[None]]

PROXIES = 1
"""How many proxies of the host stand before us; each appends whom it heard from."""


def application(proxies: int = PROXIES) -> Hosted:
    """The product's API as an ASGI application; imports all of it, opens nothing."""
    return Hosted(Rest(importlib.import_module("app").app), proxies)


class Hosted:
    """ASGI application around the API of a host that puts proxies before it."""

    def __init__(self, api: Door, proxies: int = PROXIES) -> None:
        self._api = api
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or the server's start and stop; refuse WebSockets."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            heard_from = scope.get("client")
            client = forwarded(scope["headers"], self._proxies) or heard_from
            await self._api({**scope, "client": client}, receive, send)


def forwarded(headers: Iterable[tuple[bytes, bytes]], proxies: int) -> tuple[str, int] | None:
    """Address of the client by `X-Forwarded-For`; None when the header cannot tell.

    Whoever sends a request may begin the list with anything, so it is read from its end: the last
    address was written by the proxy before us, the one before it by the proxy before that.
    """
    lines = [value for name, value in headers if name.lower() == b"x-forwarded-for"]
    named = [part.strip() for part in b",".join(lines).decode("latin-1").split(",")]
    if proxies < 1 or len(named) < proxies or not named[-proxies]:
        return None
    host, _, port = named[-proxies].rpartition(":")
    if host and port.isdigit() and (host.count(":") == 0 or host.startswith("[")):
        return host.strip("[]"), int(port)
    return named[-proxies].strip("[]"), 0
