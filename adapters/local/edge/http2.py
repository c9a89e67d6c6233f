"""One visitor's connection in HTTP/2: many requests at once, limits on everything.

The library knows frames, states and flow control. Here are the requests: a task each, at the
visitor's pace, and the end of patience with who costs much and takes nothing.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, cast

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from adapters.local.edge import answers, fields, notices
from adapters.local.edge.answers import Answer, Context, FilePart, Stream
from adapters.local.edge.bodies import MAX_BODY, pieces
from adapters.local.edge.flood import Patience
from adapters.local.edge.serving import Request
from adapters.local.edge.tls import agrees
from adapters.local.edge.traffic import Line
from chalicelib.edge.rules.conditions import none_match
from chalicelib.edge.rules.pages import Notice

if TYPE_CHECKING:
    from adapters.local.edge.server import EdgeServer

MOST_STREAMS = 100
MOST_HEAD_BYTES = 48 * 1024
IDLE_SECONDS = 75.0
GREETING_SECONDS = 15.0
STALL_SECONDS = 60.0
_BODY_WINDOW = 1024 * 1024
_SLOWEST_BODY = 50_000
_LEAST_PROGRESS = 1024
_HIGH_WATER = 1024 * 1024

_BURST, _A_SECOND = 1000, 100
"""What is borne of frames that ask for nothing, see `flood.py`."""
_RESET_COSTS = 5
"""A request that is taken back costs more than a ping: 200 at once, 20 a second."""
_WORTH_BYTES = 1024
"""So many bytes sent make up for one update of a window."""
_OVERHEAD = 8
_OVERHEAD_BYTES = 1024 * 1024
"""Bytes that came may be so many times those that were of use, and these beyond."""


@dataclass(slots=True)
class Exchange:
    """A request under way, and its answer."""

    request: Request
    since: float
    body: bytearray = field(default_factory=bytearray)
    complete: bool = False
    task: asyncio.Task[None] | None = None
    window: asyncio.Event = field(default_factory=asyncio.Event)
    waiting_since: float = 0.0
    progress: int = 0


class Http2Connection(asyncio.Protocol):
    """Takes frames and sends answers; only ever over TLS, where ALPN chose it."""

    def __init__(self, server: "EdgeServer") -> None:
        self._server = server
        self._serving = server.serving
        self._log = server.log
        self._http = H2Connection(
            H2Configuration(
                client_side=False,
                header_encoding=None,
                # Our own heads, made by us: no need to look at them again.
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self._exchanges: dict[int, Exchange] = {}
        self._patience = Patience(_BURST, _A_SECOND)
        self._room = asyncio.Event()
        self._room.set()
        self._closing = False
        self._parting = False
        self._greeted = False
        self._last_stream = 0
        self._came = 0
        self._of_use = 0
        self._held = 0
        self._peer = ""
        self._end: object = None
        self._agreed = b""
        self.idle_since = self._made = time()
        self.stalled_since = 0.0
        self._on: dict[type, Callable[[Any], None]] = {
            events.RequestReceived: self._request_received,
            events.DataReceived: self._data_received,
            events.StreamEnded: self._stream_ended,
            events.StreamReset: self._stream_reset,
            events.WindowUpdated: self._window_updated,
            events.RemoteSettingsChanged: self._settings_changed,
            events.PingReceived: self._annoyed,
            events.PriorityUpdated: self._annoyed,
            events.UnknownFrameReceived: self._annoyed,
            events.ConnectionTerminated: self._terminated,
        }

    # --- asyncio.Protocol ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, unless there are too many, and say our limits."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=_HIGH_WATER)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if peer else ""
        self._end = transport.get_extra_info("ssl_object")
        if not self._server.admit(self):
            self._closing = True
            self.transport.close()
            return
        limits = {
            SettingCodes.MAX_CONCURRENT_STREAMS: MOST_STREAMS,
            SettingCodes.MAX_HEADER_LIST_SIZE: MOST_HEAD_BYTES,
        }
        self._http.local_settings = Settings(client=False, initial_values=limits)
        self._http.decoder.max_header_list_size = MOST_HEAD_BYTES
        self._http.initiate_connection()
        self._http.increment_flow_control_window(_BODY_WINDOW)
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Forget the visitor and whatever was being done for them."""
        self._closing = True
        self._server.connections.discard(self)
        self._server.bodies.give_back(self._held)
        self._held = 0
        self._room.set()
        for exchange in self._exchanges.values():
            if exchange.task is not None:
                exchange.task.cancel()
        self._exchanges.clear()

    def data_received(self, data: bytes) -> None:
        """Feed the library; whatever it cannot read ends the connection, with its reason."""
        if self._closing:
            return
        self._came += len(data)
        try:
            happened = self._http.receive_data(data)
        except H2Error:
            self._break_off()
            return
        except Exception:
            self._server.fault("frames could not be read")
            self._break_off()
            return
        for event in happened:
            react = self._on.get(type(event))
            if react is not None and not self._closing:
                react(event)
        if self._came > self._of_use * _OVERHEAD + _OVERHEAD_BYTES:
            self._calm_down()
        self._flush()

    def pause_writing(self) -> None:
        """The visitor reads slower than we write: they get no ear either."""
        self._room.clear()
        self.stalled_since = time()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """There is room again."""
        self._room.set()
        self.stalled_since = 0.0
        if not self._lost():
            self.transport.resume_reading()

    # --- what frames say ---

    def _request_received(self, event: events.RequestReceived) -> None:
        number = event.stream_id
        self._greeted = True
        self._of_use += sum(len(name) + len(value) + 32 for name, value in event.headers)
        if self._parting:
            self._reset(number, ErrorCodes.REFUSED_STREAM)
            return
        self._last_stream = number
        try:
            request = fields.request(event.headers, self._peer)
        except fields.BadFieldsError:
            self._refuse(number, notices.bad("The request does not name one host and one path."))
            return
        if request.host != self._agreed:
            if not agrees(self._end, request.host):
                self._refuse(number, notices.MISDIRECTED)
                return
            self._agreed = request.host
        if (b"expect", b"100-continue") in request.all and event.stream_ended is None:
            self._http.send_headers(number, [(b":status", b"100")])
        self._exchanges[number] = Exchange(request, time())

    def _data_received(self, event: events.DataReceived) -> None:
        """Keep a body for who it is passed on to, as long as there is room."""
        number, size = event.stream_id, len(event.data)
        exchange = self._exchanges.get(number)
        if not size:
            self._annoyed(event)
        if event.flow_controlled_length:
            self._http.acknowledge_received_data(event.flow_controlled_length, number)
        if exchange is None or exchange.complete:
            return
        if len(exchange.body) + size > MAX_BODY:
            self._refuse(number, notices.LONG_BODY)
        elif not self._server.bodies.take(size):
            self._refuse(number, notices.NO_ROOM)
        else:
            self._held += size
            self._of_use += size
            exchange.body += event.data

    def _stream_ended(self, event: events.StreamEnded) -> None:
        """A request is complete: answer at once when the answer lies ready, else in a task."""
        number = event.stream_id
        exchange = self._exchanges.get(number)
        if exchange is None or exchange.complete:
            return
        exchange.complete = True
        exchange.request.body = bytes(exchange.body)
        exchange.body = bytearray()
        if self._send_ready(number, exchange):
            return
        exchange.task = asyncio.get_running_loop().create_task(self._serve(number, exchange))
        exchange.task.add_done_callback(partial(self._served, number, exchange))

    def _stream_reset(self, event: events.StreamReset) -> None:
        """Taken back, by them or because of what they sent: much work for little (rapid reset)."""
        self._drop(event.stream_id)
        if not self._patience.bears(_RESET_COSTS):
            self._calm_down()

    def _window_updated(self, event: events.WindowUpdated) -> None:
        self._annoyed(event)
        waiting = self._exchanges
        if event.stream_id:
            exchange = waiting.get(event.stream_id)
            if exchange is not None:
                exchange.window.set()
        else:
            for exchange in waiting.values():
                exchange.window.set()

    def _settings_changed(self, event: events.RemoteSettingsChanged) -> None:
        self._greeted = True
        self._annoyed(event)
        for exchange in self._exchanges.values():
            exchange.window.set()

    def _annoyed(self, _event: object) -> None:
        """A frame that asks for nothing; a flood of them ends the connection."""
        if not self._patience.bears():
            self._calm_down()

    def _terminated(self, _event: events.ConnectionTerminated) -> None:
        """They are going; the library sends nothing more then."""
        self._closing = True
        self.transport.close()

    # --- answering ---

    def _send_ready(self, number: int, exchange: Exchange) -> bool:
        """Send what lies ready in memory, if it fits into the window as a whole."""
        request = exchange.request
        if request.method != b"GET" or not self._room.is_set() or b"range" in request.headers:
            return False
        accepts = request.headers.get(b"accept-encoding", b"")
        ready = self._serving.hot(request.host, request.path, accepts, True)
        if ready is None:
            return False
        wanted = request.headers.get(b"if-none-match")
        if wanted is not None and none_match(wanted.decode("latin-1"), ready.tag.decode()):
            self._send_head(number, fields.ready(ready.head_304), end=True)
            self._finish(number, exchange, ready.line_304)
            return True
        data = ready.body.data or b""
        if len(data) > self._http.local_flow_control_window(number):
            return False
        self._send_head(number, fields.ready(ready.head), end=not data)
        self._send_frames(number, data)
        self._finish(number, exchange, ready.line)
        return True

    def _send_frames(self, number: int, data: bytes) -> None:
        """All of a body that fits into the window."""
        size = self._http.max_outbound_frame_size
        for first in range(0, len(data), size):
            last = first + size >= len(data)
            self._http.send_data(number, data[first : first + size], end_stream=last)
        self._sent(len(data))

    async def _serve(self, number: int, exchange: Exchange) -> None:
        try:
            answer = await self._answer(exchange.request)
            await self._send(number, exchange, answer)
            self._finish(number, exchange, answer.line)
        except (OSError, EOFError):
            # The head promised bytes that did not come: only a broken stream is honest.
            self._server.fault("an answer was broken off")
            self._reset(number, ErrorCodes.INTERNAL_ERROR)
        except H2Error:
            pass  # the stream was closed under our hands; nobody is there to hear more
        self._flush()

    async def _answer(self, request: Request) -> Answer:
        try:
            return await self._serving.answer(request)
        except Exception:
            self._server.fault("a request failed")
            return answers.page(notices.FAULT, Context())

    async def _send(self, number: int, exchange: Exchange, answer: Answer) -> None:
        body = answer.body
        without = body is None or body == b"" or exchange.request.method == b"HEAD"
        head = fields.answer(answer.head)
        if without:
            self._send_head(number, head, end=True)
            if isinstance(body, Stream):
                await body.pieces.aclose()
        elif isinstance(body, FilePart | Stream):
            async with aclosing(pieces(body, self._server.threads)) as parts:
                self._send_head(number, head, end=False)
                async for piece in parts:
                    await self._send_data(number, exchange, piece)
            self._http.end_stream(number)
        else:
            self._send_head(number, head, end=False)
            await self._send_data(number, exchange, cast("bytes", body))
            self._http.end_stream(number)

    def _send_head(self, number: int, head: fields.Fields, *, end: bool) -> None:
        date = self._server.date(time())[6:-4]
        self._http.send_headers(number, [*head, (b"date", date)], end_stream=end)

    async def _send_data(self, number: int, exchange: Exchange, data: bytes) -> None:
        """As much at a time as both windows and the connection take."""
        rest = memoryview(data)
        while rest:
            window = self._http.local_flow_control_window(number)
            size = min(window, self._http.max_outbound_frame_size, len(rest))
            if size > 0:
                self._http.send_data(number, bytes(rest[:size]))
                rest = rest[size:]
                self._progress(exchange, size)
                self._flush()
                # Others get their turn, even while this visitor takes all there is.
                await asyncio.sleep(0)
            else:
                exchange.waiting_since = exchange.waiting_since or time()
                exchange.window.clear()
                await exchange.window.wait()
            await self._room.wait()

    def _progress(self, exchange: Exchange, size: int) -> None:
        """Who takes a byte now and then is as slow as who takes none."""
        self._sent(size)
        exchange.progress += size
        if exchange.progress >= _LEAST_PROGRESS:
            exchange.progress = 0
            exchange.waiting_since = 0.0

    def _sent(self, size: int) -> None:
        self._of_use += size
        self._patience.earn(size / _WORTH_BYTES)

    def _finish(self, number: int, exchange: Exchange, line: Line) -> None:
        now = time()
        self.idle_since = now
        self._exchanges.pop(number, None)
        self._let_go(len(exchange.request.body))
        self._log.add(now, (now - exchange.since) * 1000, line)
        self._flush()
        if self._parting and not self._exchanges:
            self.transport.close()

    def _served(self, number: int, exchange: Exchange, task: asyncio.Task[None]) -> None:
        """After a task, however it ended."""
        if self._exchanges.pop(number, None) is not None:
            self._let_go(len(exchange.request.body))
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._server.fault(f"an answer failed: {fault!r}")

    def _refuse(self, number: int, notice: Notice) -> None:
        """An answer to something that is not a request we read on from."""
        self._drop(number)
        answer = answers.page(notice, Context())
        try:
            self._send_head(number, fields.answer(answer.head), end=False)
            self._send_frames(number, cast("bytes", answer.body))
        except H2Error:
            self._reset(number, ErrorCodes.REFUSED_STREAM)
            return
        self._log.add(time(), 0.0, answer.line)
        # It was answered before it was read to the end: no more of it, please.
        self._reset(number, ErrorCodes.NO_ERROR)

    # --- the end ---

    def _drop(self, number: int) -> None:
        """Stop working on a request, and forget its body."""
        exchange = self._exchanges.pop(number, None)
        if exchange is None:
            return
        self._let_go(len(exchange.body) + len(exchange.request.body))
        if exchange.task is not None:
            exchange.task.cancel()

    def _reset(self, number: int, why: ErrorCodes) -> None:
        self._drop(number)
        try:
            self._http.reset_stream(number, why)
        except H2Error:
            return  # it was over before

    def _let_go(self, count: int) -> None:
        count = min(count, self._held)
        self._held -= count
        self._server.bodies.give_back(count)

    def _calm_down(self) -> None:
        """The end of patience."""
        if not self._closing:
            self._http.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
            self._break_off()

    def _break_off(self) -> None:
        """Say what the library has to say, and leave."""
        self._flush()
        self._closing = True
        self.transport.close()

    def _part(self) -> None:
        """Take no more requests, and finish those that came.

        The library takes a farewell for the end of everything, so this one is written beside it.
        """
        if not self._parting:
            self._parting = True
            self._flush()
            self.transport.write(GoAwayFrame(0, last_stream_id=self._last_stream).serialize())

    def _flush(self) -> None:
        data = self._http.data_to_send()
        if data and not self._lost():
            self.transport.write(data)

    def _lost(self) -> bool:
        return self.transport.is_closing()

    def drain(self) -> bool:
        """Close after what is under way; returns whether something is."""
        self._part()
        if not self._exchanges:
            self.transport.close()
        return bool(self._exchanges)

    def overdue(self, now: float) -> bool:
        """Whether the visitor has been silent, slow or deaf for too long."""
        if self.stalled_since:
            return now - self.stalled_since > STALL_SECONDS
        if not self._greeted:
            return now - self._made > GREETING_SECONDS
        if any(_is_slow(exchange, now) for exchange in self._exchanges.values()):
            return True
        if self._exchanges or now - self.idle_since <= IDLE_SECONDS:
            return False
        parting = self._parting
        self._part()
        return parting


def _is_slow(exchange: Exchange, now: float) -> bool:
    if not exchange.complete:
        return now - exchange.since > GREETING_SECONDS + len(exchange.body) / _SLOWEST_BODY
    return bool(exchange.waiting_since) and now - exchange.waiting_since > STALL_SECONDS
