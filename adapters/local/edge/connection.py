"""One visitor's connection: HTTP/1.1 by llhttp, answers in order, limits on everything."""

import asyncio
import os
from collections import deque
from time import time
from typing import TYPE_CHECKING, cast

import httptools

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer, Context, FilePart
from adapters.local.edge.serving import Request
from chalicelib.edge.rules.conditions import none_match
from chalicelib.edge.rules.pages import Notice

if TYPE_CHECKING:
    from adapters.local.edge.server import EdgeServer

_MOST_HEAD_BYTES = 48 * 1024
_MOST_BODY_BYTES = 64 * 1024
_MOST_PIPELINED = 128
_CHUNK = 256 * 1024
_HIGH_WATER = 1024 * 1024
IDLE_SECONDS = 75.0
HEAD_SECONDS = 15.0
STALL_SECONDS = 60.0

_FAULT = Notice(500, "Our fault", "The edge made a mistake. It is in the log.", "internal")
_LONG_HEAD = Notice(431, "Too much", "The request's head is too large.", "bad_request")
_LONG_BODY = Notice(413, "Too much", "A site cannot take that body.", "bad_request")

# What the edge listens to. A visitor's other headers, ours among them, do not exist for it.
_HEARD = frozenset(
    (
        b"accept",
        b"accept-encoding",
        b"cookie",
        b"if-none-match",
        b"if-range",
        b"range",
        b"sec-fetch-dest",
        b"x-clouddeck-pin",
        b"x-clouddeck-secret",
    )
)


def _bad(text: str) -> Notice:
    """For what no browser sends."""
    return Notice(400, "Bad request", text, "bad_request")


class Connection(asyncio.Protocol):
    """Parses requests and sends answers.

    Requests that arrive while an answer is under way wait in line; reading pauses meanwhile.
    """

    def __init__(self, server: "EdgeServer") -> None:
        self._server = server
        self._serving = server.serving
        self._log = server.log
        self._parser = httptools.HttpRequestParser(self)
        self._line: deque[tuple[Request, bool]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._full = False
        self._closing = False
        self._unparsed = 0
        self._in_head = True
        self.idle_since = time()
        self.head_since = 0.0
        self.stalled_since = 0.0
        self._url = b""
        self._host: bytes | None = None
        self._headers: dict[bytes, bytes] = {}
        self._wrong = False
        self._body = 0

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=_HIGH_WATER)
        if not self._server.admit(self):
            self._closing = True
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Forget the visitor and whatever was being done for them."""
        self._closing = True
        self._server.connections.discard(self)
        self._room.set()
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Feed the parser; whatever it cannot read ends the connection."""
        if self._closing:
            return
        self._unparsed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._closing = True
            self._close_when_done()
        except httptools.HttpParserCallbackError:
            self._server.fault("a callback failed")
            self._refuse(_FAULT)
            return
        except httptools.HttpParserError:
            self._refuse(_bad("The request is not HTTP."))
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
        self._wrong = False
        self._body = 0
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        """The request target, possibly in pieces."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the few headers that matter, and of two the first; two hosts are none."""
        name = name.lower()
        if name == b"host":
            if self._host is not None:
                self._wrong = True
            self._host = value
        elif name in _HEARD:
            known = self._headers.setdefault(name, value)
            if name == b"cookie" and known is not value:
                self._headers[name] = known + b"; " + value

    def on_headers_complete(self) -> None:
        """The head is in."""
        self._in_head = False

    def on_body(self, body: bytes) -> None:
        """Nobody here reads bodies; a small one is skipped, a large one ends the connection."""
        self._body += len(body)

    def on_message_complete(self) -> None:
        """Answer: at once when the answer lies ready, else in a task."""
        self._unparsed = 0
        self.head_since = 0.0
        if self._closing:
            return
        parser = self._parser
        method = parser.get_method()
        keep = parser.should_keep_alive()
        path, _, query = self._url.partition(b"?")
        headers = self._headers
        host = self._host
        if (
            method == b"GET"
            and host is not None
            and not (self._full or self._line or self._task or self._wrong)
            and b"range" not in headers
        ):
            ready = self._serving.hot(host, path, headers.get(b"accept-encoding", b""))
            if ready is not None:
                self._send_ready(ready, headers.get(b"if-none-match"), keep)
                return
        self._accept(Request(method, path, query, host or b"", headers), keep)

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

    def _accept(self, request: Request, keep: bool) -> None:
        """Check what every request has to have, and put it in line."""
        if not request.path.startswith(b"/"):
            self._split_absolute(request)
        if self._wrong or not request.host:
            self._refuse(_bad("The request does not name one host."))
            return
        if self._body > _MOST_BODY_BYTES or len(self._line) >= _MOST_PIPELINED:
            self._refuse(_bad("The request is more than a site can take."))
            return
        self._line.append((request, keep))
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
            request, keep = self._line.popleft()
            self._task = asyncio.get_running_loop().create_task(self._serve(request, keep))
        if self._task is None and not self._line:
            if self._closing:
                self.transport.close()
            elif not self._full and not self._lost():
                self.transport.resume_reading()
        elif not self._lost():
            self.transport.pause_reading()

    async def _serve(self, request: Request, keep: bool) -> None:
        started = time()
        try:
            answer = await self._answer(request)
            keep = keep and not answer.close and not self._server.draining
            await self._send(answer, keep, without_body=request.method == b"HEAD")
            now = time()
            self.idle_since = now
            self._log.add(now, (now - started) * 1000, answer.line)
        except (OSError, EOFError):
            # The head promised bytes that did not come: only a broken connection is honest.
            self._server.fault("an answer was broken off")
            self.transport.abort()
        finally:
            self._task = None
        if not keep:
            self._closing = True
            self._line.clear()
        self._next()

    async def _answer(self, request: Request) -> Answer:
        try:
            return await self._serving.answer(request)
        except Exception:
            self._server.fault("a request failed")
            return answers.page(_FAULT, Context(), close=True)

    async def _send(self, answer: Answer, keep: bool, *, without_body: bool) -> None:
        date = self._server.date(time())
        if not keep:
            date = b"Connection: close\r\n" + date
        body = answer.body
        if without_body or body is None:
            self.transport.write(answer.head + date)
        elif isinstance(body, bytes):
            self.transport.writelines((answer.head + date, body))
        else:
            await self._send_file(answer.head + date, body)

    async def _send_file(self, head: bytes, part: FilePart) -> None:
        """Stream from disk at the visitor's pace; memory holds a few pieces at most."""
        loop = asyncio.get_running_loop()
        threads = self._server.threads
        descriptor = await loop.run_in_executor(threads, os.open, part.path, os.O_RDONLY)
        try:
            self.transport.write(head)
            offset, left = part.first, part.length
            while left and not self._lost():
                size = min(_CHUNK, left)
                data = await loop.run_in_executor(threads, os.pread, descriptor, size, offset)
                if not data:
                    raise EOFError(str(part.path))
                offset, left = offset + len(data), left - len(data)
                self.transport.write(data)
                await self._room.wait()
        finally:
            os.close(descriptor)

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
        if self._in_head and self._unparsed > _MOST_HEAD_BYTES:
            self._refuse(_LONG_HEAD)
        elif self._body > _MOST_BODY_BYTES:
            self._refuse(_LONG_BODY)
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
            return now - self.head_since > HEAD_SECONDS
        return now - self.idle_since > IDLE_SECONDS
