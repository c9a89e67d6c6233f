"""One connection to a backend: bytes out, bytes in, at the pace of whoever reads them."""

import asyncio
import time
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

_HIGH_WATER = 256 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection leads."""

    secure: bool
    host: str
    port: int

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def place_of(url: str) -> Place:
    """Where an absolute http(s) address leads; raises ValueError for anything else."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("not an address that a request can go to")
    secure = parts.scheme == "https"
    return Place(secure, parts.hostname, parts.port or (443 if secure else 80))


class Line(asyncio.Protocol):
    """An open connection. `fresh` until its first answer was read to the end."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.fresh = True
        self.since = time.monotonic()
        self._got = bytearray()
        self._ended = False
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def alive(self) -> bool:
        """Whether another request may go over it: it is open, and nothing came unasked.

        Whatever lies there before a request was sent would be taken for its answer.
        """
        return not (self._ended or self._got or self._transport.is_closing())

    async def send(self, *pieces: bytes) -> None:
        """Write, and wait until the other side has taken most of it; raises ConnectionError."""
        for piece in pieces:
            self._transport.write(piece)
        await self._room.wait()
        if self._transport.is_closing():
            raise ConnectionResetError("the backend hung up")

    async def read(self) -> bytes:
        """What came, at least one byte; nothing at the end."""
        while not self._got and not self._ended:
            self._news.clear()
            await self._news.wait()
        data = bytes(self._got)
        self._got.clear()
        self._transport.resume_reading()
        return data

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Keep it until somebody reads; hold the other side when that takes long."""
        self._got += data
        if len(self._got) > _HIGH_WATER:
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        """The other side says no more: we do not either."""
        self._ended = True
        self._news.set()
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Wake whoever waits."""
        self._ended = True
        self._news.set()
        self._room.set()

    def pause_writing(self) -> None:
        """The other side is slow to take it."""
        self._room.clear()

    def resume_writing(self) -> None:
        """There is room again."""
        self._room.set()
