"""One visitor's connection in HTTP/2: many requests at once, limits on everything.

The library knows frames, states and flow control. Here are the requests, a task each, and the end
of patience with who costs much and takes nothing.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any, cast

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings

from adapters.local.edge import answers, fields, notices
from adapters.local.edge.answers import Answer, Context
from adapters.local.edge.bodies import MAX_BODY
from adapters.local.edge.exchange import STALL_SECONDS, Exchange, Outgoing
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
_BODY_WINDOW = 1024 * 1024
_HIGH_WATER = 1024 * 1024

_RESET_COSTS = 5
"""A request that is taken back costs more than a ping: 200 at once, 20 a second."""
_OVERHEAD, _OVERHEAD_BYTES = 8, 1024 * 1024
"""Bytes that came may be so many times those that were of use, and these beyond."""


class Http2Connection(asyncio.Protocol):
    """Takes frames and answers requests; only ever over TLS, where ALPN chose it."""

    def __init__(self, server: "EdgeServer") -> None:
        self._server = server
        self._serving = server.serving
        self._http = H2Connection(
            H2Configuration(
                client_side=False,
                header_encoding=None,
                # Our own heads, made by us: no need to look at them again.
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self._out = Outgoing(self._http, server)
        self._exchanges: dict[int, Exchange] = {}
        self._closing = False
        self._parting = False
        self._greeted = False
        self._last = 0
        self._came = 0
        self._of_use = 0
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
        self.transport = self._out.transport = cast("asyncio.Transport", transport)
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
        self._out.flush()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's signature
        """Forget the visitor and whatever was being done for them."""
        self._closing = True
        self._server.connections.discard(self)
        self._out.room.set()
        for number in list(self._exchanges):
            self._drop(number)

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
        try:
            for event in happened:
                react = self._on.get(type(event))
                if react is not None and not self._closing:
                    react(event)
        except H2Error:
            # The library has read on: behind a request lies their farewell, and nobody is answered.
            self._break_off()
            return
        if self._came > (self._of_use + self._out.sent) * _OVERHEAD + _OVERHEAD_BYTES:
            self._calm_down()
        self._out.flush()

    def pause_writing(self) -> None:
        """The visitor reads slower than we write: they get no ear either."""
        self._out.room.clear()
        self.stalled_since = time()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """There is room again."""
        self._out.room.set()
        self.stalled_since = 0.0
        if not self.transport.is_closing():
            self.transport.resume_reading()

    # --- what frames say ---

    def _request_received(self, event: events.RequestReceived) -> None:
        number = event.stream_id
        self._greeted = True
        self._of_use += sum(len(name) + len(value) + 32 for name, value in event.headers)
        if self._parting:
            self._out.reset(number, ErrorCodes.REFUSED_STREAM)
            return
        self._last = number
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
        if not size:
            self._annoyed(event)
        if event.flow_controlled_length:
            self._http.acknowledge_received_data(event.flow_controlled_length, number)
        exchange = self._exchanges.get(number)
        if exchange is None or exchange.complete:
            return
        if len(exchange.body) + size > MAX_BODY:
            self._refuse(number, notices.LONG_BODY)
        elif not self._server.bodies.take(size):
            self._refuse(number, notices.NO_ROOM)
        else:
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
        if self._answer_ready(number, exchange):
            return
        exchange.task = asyncio.get_running_loop().create_task(self._serve(number, exchange))
        exchange.task.add_done_callback(partial(self._served, number))

    def _stream_reset(self, event: events.StreamReset) -> None:
        """Taken back, by them or because of what they sent: much work for little (rapid reset)."""
        self._drop(event.stream_id)
        if not self._out.patience.bears(_RESET_COSTS):
            self._calm_down()

    def _window_updated(self, event: events.WindowUpdated) -> None:
        self._annoyed(event)
        for number in (event.stream_id,) if event.stream_id else self._exchanges:
            if number in self._exchanges:
                self._exchanges[number].window.set()

    def _settings_changed(self, event: events.RemoteSettingsChanged) -> None:
        self._greeted = True
        self._annoyed(event)
        for exchange in self._exchanges.values():
            exchange.window.set()

    def _annoyed(self, _event: object) -> None:
        """A frame that asks for nothing; a flood of them ends the connection."""
        if not self._out.patience.bears():
            self._calm_down()

    def _terminated(self, _event: events.ConnectionTerminated) -> None:
        """They are going; the library sends nothing more then."""
        self._closing = True
        self.transport.close()

    # --- answering ---

    def _answer_ready(self, number: int, exchange: Exchange) -> bool:
        """Send what lies ready in memory, if it fits into the window as a whole."""
        request = exchange.request
        if request.method != b"GET" or not self._out.room.is_set() or b"range" in request.headers:
            return False
        ready = self._serving.hot(request.host, request.path, request.headers, request.query, True)
        if ready is None:
            return False
        wanted = request.headers.get(b"if-none-match")
        if wanted is not None and none_match(wanted.decode("latin-1"), ready.tag.decode()):
            self._out.at_once(number, fields.ready(ready.head_304), b"")
            self._finish(number, exchange, ready.line_304)
            return True
        data = ready.body.data or b""
        if not self._out.fits(number, len(data)):
            return False
        self._out.at_once(number, fields.ready(ready.head), data)
        self._finish(number, exchange, ready.line)
        return True

    async def _serve(self, number: int, exchange: Exchange) -> None:
        try:
            answer = await self._answer(exchange.request)
            await self._out.answer(number, exchange, answer)
            self._finish(number, exchange, answer.line)
        except H2Error:
            return  # the stream was closed under our hands; nobody is there to hear more
        except (OSError, EOFError):
            # The head promised bytes that did not come: only a broken stream is honest.
            self._server.fault("an answer was broken off")
            self._out.reset(number, ErrorCodes.INTERNAL_ERROR)
            self._out.flush()

    async def _answer(self, request: Request) -> Answer:
        try:
            return await self._serving.answer(request)
        except Exception:
            self._server.fault("a request failed")
            return answers.page(notices.FAULT, Context())

    def _finish(self, number: int, exchange: Exchange, line: Line) -> None:
        """Everything of an answer has been said."""
        self.idle_since = now = time()
        self._server.log.add(now, (now - exchange.since) * 1000, line)
        self._out.flush()
        self._forget(number)

    def _served(self, number: int, task: asyncio.Task[None]) -> None:
        """After a task, however it ended."""
        self._forget(number)
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._server.fault(f"an answer failed: {fault!r}")

    def _refuse(self, number: int, notice: Notice) -> None:
        """An answer to something that is not a request we read on from."""
        self._drop(number)
        answer = answers.page(notice, Context())
        try:
            self._out.at_once(number, fields.answer(answer.head), cast("bytes", answer.body))
        except H2Error:
            self._out.reset(number, ErrorCodes.REFUSED_STREAM)
            return
        self._server.log.add(time(), 0.0, answer.line)
        # It was answered before it was read to the end: no more of it, please.
        self._out.reset(number, ErrorCodes.NO_ERROR)

    # --- the end ---

    def _drop(self, number: int) -> None:
        """Stop working on a request."""
        exchange = self._forget(number)
        if exchange is not None and exchange.task is not None:
            exchange.task.cancel()

    def _forget(self, number: int) -> Exchange | None:
        """A request is over, and its body no longer needed."""
        exchange = self._exchanges.pop(number, None)
        if exchange is not None:
            count = len(exchange.body) + len(exchange.request.body)
            self._server.bodies.give_back(count)
        if self._parting and not self._exchanges:
            self.transport.close()
        return exchange

    def _calm_down(self) -> None:
        """The end of patience."""
        if not self._closing:
            self._http.close_connection(ErrorCodes.ENHANCE_YOUR_CALM)
            self._break_off()

    def _break_off(self) -> None:
        """Say what the library has to say, and leave."""
        self._out.flush()
        self._closing = True
        self.transport.close()

    def _part(self) -> None:
        """Take no more requests, and finish those that came."""
        if not self._parting:
            self._parting = True
            self._out.farewell(self._last)

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
        if self._exchanges:
            return any(exchange.is_slow(now) for exchange in self._exchanges.values())
        if now - self.idle_since <= IDLE_SECONDS:
            return False
        told = self._parting
        self._part()
        return told
