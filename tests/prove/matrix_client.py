"""Raw requests over several connections: what no client of HTTP would send, and what comes back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LANES = 8
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_DATE = re.compile(rb"\r\n(?:Date|Age|X-CloudDeck-Cache): [^\r]*", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back; status 0 when the connection ended without an answer."""

    status: int
    head: bytes
    body: bytes

    @property
    def all(self) -> bytes:
        """Everything that a visitor could read."""
        return self.head + self.body

    @property
    def plain(self) -> tuple[int, bytes, bytes]:
        """What two visitors would compare: without the time and the state of the connection."""
        return self.status, _CLOSE.sub(b"", _DATE.sub(b"", self.head)), self.body


Case = tuple[tuple[bytes, ...], Callable[[Seen], None]]
"""Requests as they go over the wire, one after the other, and who looks at the last answer."""


def get(path: str | bytes, host: str, *lines: str | bytes, method: str = "GET") -> bytes:
    """A request as one would write it; nothing in it is checked."""
    target = path if isinstance(path, bytes) else path.encode()
    more = [line if isinstance(line, bytes) else line.encode("latin-1") for line in lines]
    first = method.encode() + b" " + target + b" HTTP/1.1"
    return b"\r\n".join([first, b"Host: " + host.encode(), *more]) + b"\r\n\r\n"


class Lane:
    """One connection, opened anew whenever the other side ended it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, raw: bytes) -> Seen:
        """Send and read one answer; once more over a new connection if a used one was closed."""
        used = self._open is not None
        seen = await self._once(raw)
        return await self._once(raw) if used and not seen.status else seen

    async def _once(self, raw: bytes) -> Seen:
        try:
            async with asyncio.timeout(20):
                if self._open is None:
                    self._open = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._open
                writer.write(raw)
                head = await reader.readuntil(b"\r\n\r\n")
                status = int(head[9:12])
                body = await self._body(reader, head, status, raw.startswith(b"HEAD "))
        except (OSError, asyncio.IncompleteReadError, ValueError, asyncio.LimitOverrunError):
            self.close()
            return Seen(0, b"", b"")
        # what a request was that the edge could not read to its end nobody knows
        if _CLOSE.search(head) or status == 400:
            self.close()
        return Seen(status, head, body)

    async def _body(
        self, reader: asyncio.StreamReader, head: bytes, status: int, bare: bool
    ) -> bytes:
        if bare or status in {204, 304}:
            return b""
        if length := _LENGTH.search(head):
            return await reader.readexactly(int(length.group(1)))
        if not _CHUNKED.search(head):
            return b""
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
        return body

    def close(self) -> None:
        """End the connection."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


def ask_all(port: int, cases: Iterable[Case]) -> int:
    """Send every request and show its answer to whoever wants it; how many were sent."""
    return asyncio.run(_ask_all(port, cases))


def ask(port: int, raw: bytes) -> Seen:
    """One request over a connection of its own."""
    found: list[Seen] = []
    ask_all(port, [((raw,), found.append)])
    return found[0]


async def _ask_all(port: int, cases: Iterable[Case]) -> int:
    waiting = iter(cases)
    count = 0

    async def one() -> None:
        nonlocal count
        lane = Lane(port)
        for requests, look in waiting:
            count += len(requests)
            for raw in requests:
                seen = await lane.ask(raw)
            look(seen)
        lane.close()

    await asyncio.gather(*(one() for _ in range(LANES)))
    return count
