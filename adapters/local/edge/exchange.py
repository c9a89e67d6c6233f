"""A request of HTTP/2 under way, and how its answer is sent."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from time import time
from typing import TYPE_CHECKING

from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import H2Error
from hyperframe.frame import GoAwayFrame

from adapters.local.edge import fields
from adapters.local.edge.answers import Answer, FilePart, Stream
from adapters.local.edge.bodies import pieces
from adapters.local.edge.flood import Patience
from adapters.local.edge.serving import Request

if TYPE_CHECKING:
    from adapters.local.edge.server import EdgeServer

BODY_SECONDS = 15.0
STALL_SECONDS = 60.0
_SLOWEST_BODY = 50_000
_LEAST_PROGRESS = 1024

_BURST, _A_SECOND = 1000, 100
"""What is borne of frames that ask for nothing."""
_WORTH_BYTES = 1024
"""So many bytes sent make up for one update of a window."""


@dataclass(slots=True)
class Exchange:
    """A request, and what is known of its answer."""

    request: Request
    since: float
    body: bytearray = field(default_factory=bytearray)
    complete: bool = False
    task: asyncio.Task[None] | None = None
    window: asyncio.Event = field(default_factory=asyncio.Event)
    waiting_since: float = 0.0
    taken: int = 0

    def took(self, size: int) -> None:
        """Who takes a byte now and then is as slow as who takes none."""
        self.taken += size
        if self.taken >= _LEAST_PROGRESS:
            self.taken = 0
            self.waiting_since = 0.0

    def is_slow(self, now: float) -> bool:
        """Whether the visitor sends, or takes, less than is worth waiting for."""
        if not self.complete:
            return now - self.since > BODY_SECONDS + len(self.body) / _SLOWEST_BODY
        return bool(self.waiting_since) and now - self.waiting_since > STALL_SECONDS


class Outgoing:
    """What is sent on one connection: at the pace of both windows, and of the network."""

    def __init__(self, http: H2Connection, server: "EdgeServer") -> None:
        self._http = http
        self._server = server
        self.transport: asyncio.Transport
        self.patience = Patience(_BURST, _A_SECOND)
        self.sent = 0
        self.room = asyncio.Event()
        self.room.set()

    def flush(self) -> None:
        """Let the network have what the library has made."""
        data = self._http.data_to_send()
        if data and not self.transport.is_closing():
            self.transport.write(data)

    def fits(self, number: int, size: int) -> bool:
        """Whether a body can be sent at once."""
        return size <= self._http.local_flow_control_window(number)

    def at_once(self, number: int, head: fields.Fields, body: bytes) -> None:
        """Head and body without a pause; raises H2Error when the body does not fit."""
        self.head(number, head, end=not body)
        size = self._http.max_outbound_frame_size
        for first in range(0, len(body), size):
            last = first + size >= len(body)
            self._http.send_data(number, body[first : first + size], end_stream=last)
        self._count(len(body))

    async def answer(self, number: int, exchange: Exchange, answer: Answer) -> None:
        """An answer of any kind, to the end."""
        body = answer.body
        head = fields.answer(answer.head)
        if body is None or body == b"" or exchange.request.method == b"HEAD":
            self.head(number, head, end=True)
            if isinstance(body, Stream):
                await body.pieces.aclose()
            return
        if isinstance(body, FilePart | Stream):
            async with aclosing(pieces(body, self._server.threads)) as parts:
                self.head(number, head, end=False)
                self.flush()
                async for piece in parts:
                    await self._data(number, exchange, piece)
        else:
            self.head(number, head, end=False)
            await self._data(number, exchange, body)
        self._http.end_stream(number)

    def head(self, number: int, head: fields.Fields, *, end: bool) -> None:
        """The fields of an answer, and its date."""
        date = self._server.date(time())[len(b"Date: ") : -len(b"\r\n\r\n")]
        self._http.send_headers(number, [*head, (b"date", date)], end_stream=end)

    def reset(self, number: int, why: ErrorCodes) -> None:
        """No more of a request, from either side."""
        try:
            self._http.reset_stream(number, why)
        except H2Error:
            return  # it was over before

    def farewell(self, last: int) -> None:
        """Say which request is the last to be answered.

        The library takes a farewell for the end of everything, so this one is written beside it.
        """
        self.flush()
        self.transport.write(GoAwayFrame(0, last_stream_id=last).serialize())

    async def _data(self, number: int, exchange: Exchange, data: bytes) -> None:
        """As much at a time as both windows and the network take."""
        rest = memoryview(data)
        while rest:
            window = self._http.local_flow_control_window(number)
            size = min(window, self._http.max_outbound_frame_size, len(rest))
            if size > 0:
                self._http.send_data(number, bytes(rest[:size]))
                rest = rest[size:]
                self._count(size)
                exchange.took(size)
                self.flush()
                # Others get their turn, even while this visitor takes all there is.
                await asyncio.sleep(0)
            else:
                self.flush()
                exchange.waiting_since = exchange.waiting_since or time()
                exchange.window.clear()
                await exchange.window.wait()
            await self.room.wait()

    def _count(self, size: int) -> None:
        self.sent += size
        self.patience.earn(size / _WORTH_BYTES)
