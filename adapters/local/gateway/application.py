"""Which door a request goes through: API, git, live connections, the console."""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable

from adapters.http import Receive, Rest, Scope, Send, lifespan, problem_answer, respond
from adapters.local.gateway.console import Console
from adapters.local.gateway.git import GitBridge
from adapters.local.gateway.live import Live
from chalicelib.core.config import settings
from chalicelib.core.errors import NotFound

Door = Callable[[Scope, Receive, Send], Awaitable[None]]


def application() -> Gateway:
    """The gateway around the product's own API; importing it is the price of the first call."""
    api = importlib.import_module("app").app
    live = Live(settings().local_secret)
    return Gateway(Rest(api), GitBridge(), live)


class Gateway:
    """ASGI application; every part can be replaced by argument."""

    def __init__(self, api: Door, git: Door, live: Live) -> None:
        self._doors: tuple[tuple[str, Door], ...] = (
            ("/v1/", api),
            ("/git/", git),
            ("/@connections/", live.connections),
            ("/%40connections/", live.connections),
        )
        self._live = live
        self._console = Console()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, one WebSocket, or the server's start and stop."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._live.socket(scope, receive, send)
        else:
            await lifespan(receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for prefix, door in self._doors:
            if path.startswith(prefix):
                await door(scope, receive, send)
                return
        if scope["method"] in {"GET", "HEAD"} and self._console.has(path):
            await self._console(scope, receive, send)
            return
        nothing = NotFound(
            "route_not_found",
            f"There is nothing at {path[:200]!r}.",
            hint="The API is under /v1, git under /git/<project>.git.",
        )
        await respond(send, problem_answer(nothing), head=scope["method"] == "HEAD")
