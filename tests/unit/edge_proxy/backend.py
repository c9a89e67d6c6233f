"""A backend that says exactly the bytes a test wants it to say."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from adapters.local.edge.answers import Answer, Context, Stream
from adapters.local.edge.countries import Whereabouts
from adapters.local.edge.proxy import Proxy
from adapters.local.edge.serving import Request
from chalicelib.edge.rules.routing.verdicts import Goal
from chalicelib.edge.rules.routing.verdicts import Proxy as Verdict

CONTEXT = Context("shop.localhost", "prj_1", "dpl_1", "/api/x")


@dataclass
class Asked:
    """One request as the backend got it."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    def header(self, name: str) -> str | None:
        return next((v for n, v in self.headers if n == name), None)


Say = Callable[[Asked], "bytes | Awaitable[bytes] | None"]


@dataclass
class Backend:
    """Answers by `say`; None closes the connection without a word."""

    say: Say
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    async def __aenter__(self) -> Backend:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    def url(self, path: str = "/x") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = [
                    (n.lower(), v.strip()) for n, _, v in (h.partition(":") for h in head[1:] if h)
                ]
                length = int(dict(headers).get("content-length", "0"))
                body = await reader.readexactly(length) if length else b""
                asked = Asked(head[0], headers, body, number)
                self.asked.append(asked)
                said = self.say(asked)
                said = said if said is None or isinstance(said, bytes) else await said
                if said is None:
                    break
                writer.write(said)
                await writer.drain()
                if b"Connection: close" in said:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def reply(body: bytes = b"hello", status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def to(*urls: str, **more: Any) -> Verdict:
    """Pass on to these: the first one, else the others in their place."""
    goals = tuple(Goal(f"o{i}", url) for i, url in enumerate(urls))
    return Verdict(goals=goals[:1], instead=goals[1:], **more)


def request(
    method: str = "GET", path: str = "/api/x", body: bytes = b"", **headers: str
) -> Request:
    everything = [
        (name.replace("_", "-").encode(), value.encode("latin-1"))
        for name, value in {"host": "shop.localhost", **headers}.items()
    ]
    return Request(
        method.encode(),
        path.encode(),
        b"",
        b"shop.localhost",
        dict(everything),
        everything,
        body,
        "203.0.113.9",
    )


def proxy(**more: Any) -> Proxy:
    from pathlib import Path

    return Proxy(Whereabouts(Path("/nowhere"), ()), **({"private": True} | more))


@dataclass
class Seen:
    status: int
    headers: dict[str, str]
    body: bytes
    raw: bytes


async def seen(answer: Answer) -> Seen:
    """An answer as a visitor has it."""
    body = answer.body
    if isinstance(body, Stream):
        got = b"".join([piece async for piece in body.pieces])
    else:
        assert body is None or isinstance(body, bytes)
        got = body or b""
    lines = answer.head.decode("latin-1").split("\r\n")[1:]
    headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines if line)}
    return Seen(answer.status, headers, got, answer.head)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Until it is done, or 20 seconds."""
    asyncio.run(asyncio.wait_for(work, 20))
