"""One visitor's connection: HTTP/1.1 by llhttp, answers in order, limits on everything."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, cast

import httptools

from adapters.local.edge import answers, notices
from adapters.local.edge.answers import Answer, Context, FilePart, Stream
from adapters.local.edge.bodies import MAX_BODY, pieces
from adapters.local.edge.fields import HEARD, hear
from adapters.local.edge.serving import Request
from adapters.local.edge.tls import agrees
from chalicelib.edge.rules.conditions import none_match
from chalicelib.edge.rules.pages import Notice

if TYPE_CHECKING:
    from adapters.local.edge.server import EdgeServer

_MOST_HEAD_BYTES = 48 * 1024
_MOST_PIPELINED = 128
_SLOWEST_BODY = 50_000
_HIGH_WATER = 1024 * 1024
IDLE_SECONDS = 75.0
HEAD_SECONDS = 15.0
STALL_SECONDS = 60.0

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(slots=True)
class Turn:
    """A request that waits for its answer, and what of HTTP may be used to answer it."""

    request: Request
    keep: bool
    chunks: bool


class Connection(asyncio.Protocol):
    """Parses requests and sends answers.

    Requests that arrive while an answer is under way wait in line; reading pauses meanwhile.
    """

    def __init__(self, server: "EdgeServer") -> None:
        self._server = server
        self._serving = server.serving
        self._log = server.log
        self._parser = httptools.HttpRequestParser(self)
        self._line: deque[Turn] = deque()
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._full = False
        self._closing = False
        self._unparsed = 0
        self._idle_bytes = 0
        self._in_head = True
        self.idle_since = time()
        self.head_since = 0.0
        self.stalled_since = 0.0
        self._url = b""
        self._host: bytes | None = None
        self._headers: dict[bytes, bytes] = {}
        self._all: list[tuple[bytes, bytes]] = []
        self._wrong = False
        self._body = bytearray()
        self._held = 0
        self._peer = ""
        self._end: object = None
        self._secure = False
        self._agreed: bytes | None = None

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=_HIGH_WATER)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else ""
        self._end = transport.get_extra_info("ssl_object")
        self._secure = self._end is not None
        if not self._server.admit(self):
            self._closing = True
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Forget the visitor and whatever was being done for them."""
        self._closing = True
        self._server.connections.discard(self)
        self._server.bodies.give_back(self._held)
        self._held = 0
        self._room.set()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Feed the parser; whatever it cannot read ends the connection."""
        if self._closing:
            return
        self._unparsed += len(data)
        self._idle_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._closing = True
            self._close_when_done()
        except httptools.HttpParserCallbackError:
            self._server.fault("a callback failed")
            self._refuse(notices.FAULT)
            return
        except httptools.HttpParserError:
            self._refuse(notices.bad("The request is not HTTP."))
            return
        if self._unparsed and not self._closing:
            self._watch_unfinished()

    def pause_writing(self) -> None:
        """The visitor reads slower than we write."""
        self._full = True
        self._room.clear()
        self.stalled_since = time()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """There is room again."""
        self._full = False
        self._room.set()
        self.stalled_since = 0.0
        self._next()

    # --- httptools callbacks ---

    def on_message_begin(self) -> None:
        """A new request."""
        self._url = b""
        self._host = None
        self._headers = {}
        self._all = []
        self._wrong = False
        self._body = bytearray()
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        """The request target, possibly in pieces."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the few headers that matter, and of two the first; two hosts are none."""
        if not self._in_head:
            return  # a trailer, which cannot change what was asked
        name = name.lower()
        self._all.append((name, value))
        if name == b"host":
            if self._host is not None:
                self._wrong = True
            self._host = value
        elif name in HEARD:
            hear(self._headers, name, value)

    def on_headers_complete(self) -> None:
        """The head is in; who waits for a word before sending a body gets it in their turn."""
        self._in_head = False
        if (b"expect", b"100-continue") in self._all and not (self._line or self._task):
            self.transport.write(_CONTINUE)

    def on_body(self, body: bytes) -> None:
        """Keep it for who it is passed on to, as long as there is room."""
        self._idle_bytes = 0
        if self._closing:
            return
        if len(self._body) + len(body) > MAX_BODY:
            self._refuse(notices.LONG_BODY)
        elif self._server.bodies.take(len(body)):
            self._held += len(body)
            self._body += body
        else:
            self._refuse(notices.NO_ROOM)

    def on_message_complete(self) -> None:
        """Answer: at once when the answer lies ready, else in a task."""
        self._unparsed = self._idle_bytes = 0
        self.head_since = 0.0
        if self._closing:
            return
        parser = self._parser
        method = parser.get_method()
        keep = parser.should_keep_alive()
        path, _, query = self._url.partition(b"?")
        headers = self._headers
        host = self._host
        if self._secure and host and host != self._agreed:
            if not agrees(self._end, host):
                self._refuse(notices.MISDIRECTED)
                return
            self._agreed = host
        if (
            method == b"GET"
            and host is not None
            and not (self._full or self._line or self._task or self._wrong)
            and b"range" not in headers
        ):
            ready = self._serving.hot(host, path, headers, query, self._secure)
            if ready is not None:
                self._send_ready(ready, headers.get(b"if-none-match"), keep)
                return
        request = Request(
            *(method, path, query, host or b"", headers),
            all=self._all,
            body=bytes(self._body),
            peer=self._peer,
            secure=self._secure,
        )
        self._body = bytearray()
        self._accept(Turn(request, keep, parser.get_http_version() != "1.0"))

    # --- answering ---

    def _send_ready(self, ready: answers.Prepared, wanted: bytes | None, keep: bool) -> None:
        now = time()
        self.idle_since = now
        date = self._server.date(now)
        if not keep:
            date = b"Connection: close\r\n" + date
        if wanted is not None and (
            wanted == ready.tag or none_match(wanted.decode("latin-1"), ready.tag.decode())
        ):
            self.transport.write(ready.head_304 + date)
            self._log.add(now, 0.0, ready.line_304)
        else:
            data = ready.body.data or b""
            if len(data) <= 16384:
                self.transport.write(b"".join((ready.head, date, data)))
            else:
                self.transport.writelines((ready.head + date, data))
            self._log.add(now, 0.0, ready.line)
        if not keep:
            self._closing = True
            self.transport.close()

    def _accept(self, turn: Turn) -> None:
        """Check what every request has to have, and put it in line."""
        request = turn.request
        if not request.path.startswith(b"/"):
            self._split_absolute(request)
        if self._wrong or not request.host:
            self._refuse(notices.bad("The request does not name one host."))
            return
        if len(self._line) >= _MOST_PIPELINED:
            self._refuse(notices.bad("The request is more than a site can take."))
            return
        self._line.append(turn)
        self._next()

    def _split_absolute(self, request: Request) -> None:
        """`GET http://host/path`: allowed by HTTP, as long as both hosts are the same."""
        scheme, _, rest = request.path.partition(b"://")
        host, slash, path = rest.partition(b"/")
        if scheme.lower() in {b"http", b"https"} and host and host == request.host:
            request.path = slash + path or b"/"
        elif request.path != b"*":
            self._wrong = True

    def _next(self) -> None:
        """Start on the next request in line, if nothing is in the way."""
        if self._task is None and self._line and not self._full and not self._lost():
            turn = self._line.popleft()
            self._task = asyncio.get_running_loop().create_task(self._serve(turn))
        if self._task is None and not self._line:
            if self._closing:
                self.transport.close()
            elif not self._full and not self._lost():
                self.transport.resume_reading()
        elif not self._lost():
            self.transport.pause_reading()

    async def _serve(self, turn: Turn) -> None:
        started = time()
        request = turn.request
        try:
            answer = await self._answer(request)
            without_length = isinstance(answer.body, Stream) and answer.body.length is None
            turn.chunks = turn.chunks and without_length
            turn.keep = (
                (turn.keep and not answer.close and not self._server.draining)
                # What has no length ends with the connection where there are no chunks.
                and (turn.chunks or not without_length)
            )
            await self._send(answer, turn)
            now = time()
            self.idle_since = now
            self._log.add(now, (now - started) * 1000, answer.line)
        except (OSError, EOFError):
            # The head promised bytes that did not come: only a broken connection is honest.
            self._server.fault("an answer was broken off")
            self.transport.abort()
        finally:
            self._task = None
            self._let_go(len(request.body))
        if not turn.keep:
            self._closing = True
            self._line.clear()
        self._next()

    async def _answer(self, request: Request) -> Answer:
        try:
            return await self._serving.answer(request)
        except Exception:
            self._server.fault("a request failed")
            return answers.page(notices.FAULT, Context(), close=True)

    async def _send(self, answer: Answer, turn: Turn) -> None:
        head = answer.head
        if turn.chunks:
            head += b"Transfer-Encoding: chunked\r\n"
        if not turn.keep:
            head += b"Connection: close\r\n"
        head += self._server.date(time())
        body = answer.body
        if body is None or turn.request.method == b"HEAD":
            self.transport.write(head)
            if isinstance(body, Stream):
                await body.pieces.aclose()
        elif isinstance(body, FilePart | Stream):
            async with aclosing(pieces(body, self._server.threads)) as parts:
                self.transport.write(head)
                await self._send_pieces(parts, turn)
        else:
            self.transport.writelines((head, body))

    async def _send_pieces(self, parts: AsyncGenerator[bytes, None], turn: Turn) -> None:
        """At the visitor's pace; memory holds a few pieces at most."""
        async for piece in parts:
            if self._lost():
                return
            if turn.chunks:
                self.transport.writelines((b"%x\r\n" % len(piece), piece, b"\r\n"))
            else:
                self.transport.write(piece)
            await self._room.wait()
        if turn.chunks:
            self.transport.write(b"0\r\n\r\n")

    def _let_go(self, count: int) -> None:
        """A body is no longer needed."""
        count = min(count, self._held)
        self._held -= count
        self._server.bodies.give_back(count)

    def _refuse(self, notice: Notice) -> None:
        """A last answer to something that is not a request we read on from."""
        if self._closing:
            return
        self._closing = True
        if self._task is None and not self._line:
            answer = answers.page(notice, Context())
            now = time()
            self.transport.write(
                answer.head
                + b"Connection: close\r\n"
                + self._server.date(now)
                + cast("bytes", answer.body)
            )
            self._log.add(now, 0.0, answer.line)
        self._close_when_done()

    # --- the end ---

    def _watch_unfinished(self) -> None:
        """A request is in the middle: bound its size, and start its clock."""
        # behind the head come bodies, which are counted, and what frames them: chunks and trailers
        if self._idle_bytes > _MOST_HEAD_BYTES:
            self._refuse(notices.LONG_HEAD)
        elif not self.head_since:
            self.head_since = time()

    def _lost(self) -> bool:
        return self.transport.is_closing()

    def _close_when_done(self) -> None:
        if self._task is None and not self._line:
            self.transport.close()

    def drain(self) -> bool:
        """Close after what is under way; returns whether something is."""
        busy = self._task is not None or bool(self._line)
        self._closing = True
        self._close_when_done()
        return busy

    def overdue(self, now: float) -> bool:
        """Whether the visitor has been silent, slow or deaf for too long."""
        if self.stalled_since:
            return now - self.stalled_since > STALL_SECONDS
        if self._task is not None:
            return False
        if self.head_since:
            return now - self.head_since > HEAD_SECONDS + len(self._body) / _SLOWEST_BODY
        return now - self.idle_since > IDLE_SECONDS
