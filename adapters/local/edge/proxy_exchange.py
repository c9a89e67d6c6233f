"""One request to a backend and its answer: HTTP/1.1, read by llhttp, bounded in every direction."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools

from adapters.local.edge.pool import Pool
from adapters.local.edge.pool_line import Line, place_of

_MOST_HEAD_BYTES = 64 * 1024
_MOST_HEADERS = 200
_LENGTH = b"content-length"
_NO_BODY = (204, 304)


class ProtocolFaultError(OSError):
    """What came is no HTTP answer, or not one that can be passed on."""


class NotReachedError(OSError):
    """Nobody was there to send the request to."""


@dataclass(slots=True)
class Wish:
    """A request as a backend gets it. `url` is complete; `headers` lack Host and Content-Length."""

    method: bytes
    url: str
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""


class Reply:
    """An answer whose head is there; its body comes by `pieces`, and has to be read or closed."""

    def __init__(self, pool: Pool, line: Line, method: bytes, seconds: float) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.length: int | None = None
        self._pool = pool
        self._line = line
        self._method = method
        self._seconds = seconds
        self._body: deque[bytes] = deque()
        self._seen = 0
        self._head_done = False
        self._complete = False
        self._until_end = False
        self._keep = False
        self._closed = False
        self._parser = httptools.HttpResponseParser(self)

    async def read_head(self) -> None:
        """Read up to the end of the head, past answers that only say `go on` (1xx)."""
        while not self._head_done:
            data = await self._line.read()
            if not data:
                raise ConnectionResetError("the backend hung up before it answered")
            self._seen += len(data)
            self._feed(data)
            if not self._head_done and self._seen > _MOST_HEAD_BYTES:
                raise ProtocolFaultError("the head of the answer is too long")
        if len(self.headers) > _MOST_HEADERS:
            raise ProtocolFaultError("the answer has too many headers")

    def _feed(self, data: bytes) -> None:
        if self._complete and not self._bare:
            raise ProtocolFaultError("the answer goes on after its end")
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not (self._head_done and self._bare):
                raise ProtocolFaultError("the answer is not HTTP") from error

    @property
    def _bare(self) -> bool:
        """Whether there is no body, whatever the head says of its length."""
        return self._method == b"HEAD" or self.status in _NO_BODY

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body, after an empty piece; raises OSError when it breaks off or nothing comes."""
        try:
            yield b""
            while True:
                while self._body:
                    yield self._body.popleft()
                if self._complete or self._bare:
                    break
                async with asyncio.timeout(self._seconds):
                    data = await self._line.read()
                if not data:
                    if self._until_end:
                        self._complete = True
                        break
                    raise ConnectionResetError("the backend broke off")
                self._feed(data)
        finally:
            self.close()

    def whole(self) -> bytes | None:
        """The body, if all of it came along with the head; then the connection is free again."""
        if not self._complete or self._bare:
            return None
        body = b"".join(self._body)
        self._body.clear()
        self.close()
        return body

    def close(self) -> None:
        """Done with it: the connection is kept when the answer was read to its end."""
        if self._closed:
            return
        self._closed = True
        done = self._complete and not self._until_end and not self._body
        # of HEAD llhttp would wait for a body, so nothing tells whether more comes
        if done and self._keep and self._method != b"HEAD":
            self._pool.give_back(self._line)
        else:
            self._pool.drop(self._line)

    # --- httptools callbacks ---

    def on_message_begin(self) -> None:
        """An answer begins: the first one, or the one after a 1xx. Another is not ours."""
        if self._head_done:
            raise ProtocolFaultError("the backend answers twice")
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is in."""
        self.status = self._parser.get_status_code()
        if self.status == 101 or not 100 <= self.status <= 599:
            raise ProtocolFaultError("the backend changes the protocol")
        if self.status < 200:
            return
        self._head_done = True
        lengths = {value.strip() for name, value in self.headers if name.lower() == _LENGTH}
        codings = [v.lower() for n, v in self.headers if n.lower() == b"transfer-encoding"]
        chunked = bool(codings)
        if codings not in ([], [b"chunked"]):
            raise ProtocolFaultError("the answer is packed for the way")
        if len(lengths) > 1 or (lengths and chunked):
            raise ProtocolFaultError("the backend says two lengths")
        if lengths:
            text = lengths.pop()
            if not text.isdigit():
                raise ProtocolFaultError("the length of the answer is no number")
            self.length = int(text)
        self._until_end = self.length is None and not chunked and not self._bare

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The end of an answer; of one that only says `go on` it is not the end."""
        self._complete = self._head_done
        self._keep = self._parser.should_keep_alive()


async def ask(pool: Pool, wish: Wish, seconds: float, *, again: bool) -> Reply:
    """Send a request and read the head of its answer. Redirects are answers like any other.

    `seconds` is how long it may take until the head is there, once there is a connection.
    `again`: it does no harm to send it twice, so that it may go over a connection that was used
    before, and once more over a new one if that was closed meanwhile. Raises NotReachedError when
    nothing was sent, else OSError (TimeoutError too): whether the backend has seen the request is
    unknown then.
    """
    while True:
        try:
            line = await pool.take(place_of(wish.url), fresh=not again)
        except (OSError, ValueError) as error:
            raise NotReachedError(str(error) or type(error).__name__) from error
        used = not line.fresh
        reply = Reply(pool, line, wish.method, seconds)
        try:
            async with asyncio.timeout(seconds):
                await line.send(_head(wish, line), wish.body)
                await reply.read_head()
        except ConnectionError:
            reply.close()
            if not used:
                raise
            again = False
        except BaseException:
            reply.close()
            raise
        else:
            return reply


def _head(wish: Wish, line: Line) -> bytes:
    parts = urlsplit(wish.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        wish.method + b" " + target.encode("ascii") + b" HTTP/1.1",
        b"Host: " + line.place.authority.encode("ascii"),
        *(name + b": " + value for name, value in wish.headers),
    ]
    if wish.body or wish.method not in {b"GET", b"HEAD", b"OPTIONS", b"DELETE"}:
        lines.append(b"Content-Length: " + str(len(wish.body)).encode())
    return b"\r\n".join(lines) + b"\r\n\r\n"
