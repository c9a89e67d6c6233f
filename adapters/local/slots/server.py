"""The control API: four calls over HTTP on the loopback, with a shared secret."""

import asyncio
import contextlib
import hmac
import json
import re

from adapters.local.slots import http1
from adapters.local.slots.pool import Pool
from adapters.local.slots.runner_process import Order
from adapters.local.slots.settings import Limits
from adapters.local.slots.sizes import asked, note

BODY_LIMIT = 64 * 1024
IDLE_SECONDS = 60.0
LONGEST_SECONDS = 24 * 3600
LOWEST_PRIORITY = 9
_BUILD = re.compile(r"[A-Za-z0-9_-]{1,80}")
_TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")
PHRASES = {200: "OK", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
           405: "Method Not Allowed", 413: "Content Too Large",
           503: "Service Unavailable"}  # fmt: skip

Answer = tuple[int, dict[str, object]]


class Control:
    """Answers control calls on behalf of a pool."""

    def __init__(
        self, pool: Pool, secret: str, facts: dict[str, object], ceiling: Limits | None = None
    ) -> None:
        self._pool, self._secret, self._facts = pool, secret.encode(), facts
        self._ceiling = ceiling

    async def open(self, port: int) -> asyncio.Server:
        """Starts to listen on 127.0.0.1; raises OSError when the port is taken."""
        return await asyncio.start_server(self._accept, "127.0.0.1", port, limit=http1.HEAD_LIMIT)

    def answer(self, head: http1.Head, body: bytes) -> Answer:
        """The status and content for one call."""
        method, target, _ = head.first
        given = head.get("x-clouddeck-secret").encode("latin-1")
        if not hmac.compare_digest(given, self._secret):
            return _problem(401, "unauthorized", "X-CloudDeck-Secret is missing or wrong.")
        path = target.partition("?")[0]
        if path == "/status":
            return self._status() if method == "GET" else _not_allowed("GET")
        if path == "/builds":
            return self._submit(body) if method == "POST" else _not_allowed("POST")
        build = path.removeprefix("/builds/")
        if build == path or not _BUILD.fullmatch(build):
            return _problem(404, "not_found", "There is no such address here.")
        if method == "DELETE":
            self._pool.stop(build)
        elif method != "GET":
            return _not_allowed("GET or DELETE")
        return 200, self._describe(build)

    def _status(self) -> Answer:
        return 200, {**self._pool.counts(), **self._facts}

    def _describe(self, build: str) -> dict[str, object]:
        answer: dict[str, object] = {"build": build, "state": self._pool.state(build)}
        position = self._pool.position(build)
        return answer if position is None else {**answer, "position": position}

    def _submit(self, body: bytes) -> Answer:
        try:
            order = parse_order(body)
        except ValueError as bad:
            return _problem(400, "invalid_order", str(bad))
        if self._pool.submit(order) == "closing":
            return _problem(503, "closing", "This process is ending; ask the next one.")
        less = note(order.size, self._ceiling) if self._ceiling else ""
        return 202, self._describe(order.build) | ({"note": less} if less else {})

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                while await self._one(reader, writer):
                    pass
        except (OSError, EOFError, http1.BadMessageError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await http1.read_head(reader, request=True)
        if head is None:
            return False
        framing = http1.request_body(head)
        if framing.chunked or framing.length > BODY_LIMIT:
            _send(writer, _problem(413, "too_large", "Send at most 64 KiB with a length."), False)
            return False
        body = await reader.readexactly(framing.length)
        _send(writer, self.answer(head, body), head.keeps_open)
        with contextlib.suppress(OSError):
            await writer.drain()
        return head.keeps_open


def parse_order(body: bytes) -> Order:
    """An order from its JSON; raises ValueError with a sentence that names the field."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("The body is not JSON.") from None
    if not isinstance(data, dict):
        raise ValueError("The body is not an object.")
    build, token = data.get("build"), data.get("token")
    seconds, trusted = data.get("deadline_seconds"), data.get("trusted")
    if not isinstance(build, str) or not _BUILD.fullmatch(build):
        raise ValueError("build is not a build id.")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ValueError("token is not a build token.")
    if type(seconds) is not int or not 1 <= seconds <= LONGEST_SECONDS:
        raise ValueError(f"deadline_seconds is not between 1 and {LONGEST_SECONDS}.")
    if type(trusted) is not bool:
        raise ValueError("trusted is not true or false.")
    priority = data.get("priority", 0)
    if type(priority) is not int or not 0 <= priority <= LOWEST_PRIORITY:
        raise ValueError(f"priority is not between 0 and {LOWEST_PRIORITY}.")
    return Order(build, token, seconds, trusted, asked(data), priority)


def _problem(status: int, code: str, detail: str) -> Answer:
    return status, {"type": "about:blank", "title": PHRASES[status], "status": status,
                    "code": code, "detail": detail}  # fmt: skip


def _not_allowed(allowed: str) -> Answer:
    return _problem(405, "method_not_allowed", f"Use {allowed}.")


def _send(writer: asyncio.StreamWriter, answer: Answer, keep: bool) -> None:
    status, content = answer
    body = json.dumps(content).encode()
    kind = "application/json" if status < 400 else "application/problem+json"
    headers = [("content-type", kind), ("content-length", str(len(body)))]
    headers.append(("connection", "keep-alive" if keep else "close"))
    writer.write(http1.head_bytes(f"HTTP/1.1 {status} {PHRASES[status]}", headers) + body)
