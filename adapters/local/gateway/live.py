"""WebSockets the way API Gateway does them: three handlers, and `@connections` to answer.

`$connect`, `$default` and `$disconnect` are the product's Lambda handlers; what they want to say
to a connection comes back as `POST /@connections/{id}`, also from other processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import importlib
import json
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from adapters.http import LambdaContext, Receive, Scope, Send, read_body, respond
from chalicelib.core import ids
from chalicelib.core.errors import Problem

MAX_MESSAGE = 128 * 1024
MAX_QUEUE = 512
LIFE_SECONDS = 2 * 3600
"""A connection ends then, as at API Gateway: what is kept of it ends, too."""
MESSAGES, IN_SECONDS = 300, 10.0
"""What one connection may say: the threads that answer are there for all of them."""
GOING_AWAY, AGAINST_POLICY = 1001, 1008
"""Why a connection was closed (RFC 6455, section 7.4.1)."""
HANDLERS = {
    "$connect": "functions.live.connect",
    "$default": "functions.live.message",
    "$disconnect": "functions.live.disconnect",
}
_EVENTS = {"$connect": "CONNECT", "$default": "MESSAGE", "$disconnect": "DISCONNECT"}

log = logging.getLogger("clouddeck.live")

Handle = Callable[[str, dict[str, Any]], Any]
"""(route key, event) -> what the Lambda handler returned."""


def handle(route: str, event: dict[str, Any]) -> Any:
    """Call the product's handler of a route key."""
    module = importlib.import_module(HANDLERS[route])
    return module.handler(event, LambdaContext(event["requestContext"]["requestId"]))


@dataclass
class Connection:
    """One open WebSocket."""

    id: str
    source_ip: str
    user_agent: str
    connected_at: int
    queue: asyncio.Queue[str | None] = field(default_factory=lambda: asyncio.Queue(MAX_QUEUE))
    last_active: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)
    code: int = 1000

    def end(self, code: int) -> None:
        """Close it now, whatever waits to be sent."""
        self.code = code
        self.over.set()


class Live:
    """The WebSocket door and the `@connections` door; they share the open connections."""

    def __init__(self, secret: str, call: Handle = handle, path: str = "/live") -> None:
        self._secret = secret
        self._handle = call
        self._path = path
        self._open: dict[str, Connection] = {}
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="live")

    async def socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one WebSocket from handshake to close."""
        message = await receive()
        if message["type"] != "websocket.connect":
            return
        if scope["path"] != self._path:
            await _reject(scope, send, 404)
            return
        connection = _connection(scope)
        status = await self._ask_to_connect(connection, scope)
        if status != 200:
            await _reject(scope, send, status)
            return
        self._open[connection.id] = connection
        await send({"type": "websocket.accept"})
        tasks = {
            asyncio.create_task(self._read(connection, receive)),
            asyncio.create_task(_write(connection, send)),
            asyncio.create_task(connection.over.wait()),
        }
        try:
            await asyncio.wait(tasks, timeout=LIFE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.pop(connection.id, None)
            for task in tasks:
                task.cancel()
            # whoever hung up already, or does not read, is told nothing
            with contextlib.suppress(Exception):
                closing = {"type": "websocket.close", "code": connection.code}
                await asyncio.wait_for(send(closing), 1.0)
            with contextlib.suppress(Exception):
                await self._call("$disconnect", connection)

    async def _ask_to_connect(self, connection: Connection, scope: Scope) -> int:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        headers = {n.decode("latin-1"): v.decode("latin-1") for n, v in scope["headers"]}
        try:
            answer = await self._call(
                "$connect", connection, queryStringParameters=query or None, headers=headers
            )
        except Exception:
            log.exception("$connect failed")
            return 500
        status = int((answer or {}).get("statusCode", 200))
        return 200 if status < 300 else status

    async def _read(self, connection: Connection, receive: Receive) -> None:
        """Messages one after the other, in the order in which they came."""
        window, said = time.monotonic(), 0
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            said += 1
            if time.monotonic() - window > IN_SECONDS:
                window, said = time.monotonic(), 1
            if said > MESSAGES:
                connection.end(AGAINST_POLICY)
                return
            text = message.get("text")
            if text is None:
                text = (message.get("bytes") or b"").decode("utf-8", "replace")
            connection.last_active = _now()
            try:
                await self._call("$default", connection, body=text)
            except Exception:
                log.exception("$default failed")
                answer = {"message": "Internal server error", "connectionId": connection.id}
                with contextlib.suppress(asyncio.QueueFull):
                    connection.queue.put_nowait(json.dumps(answer))

    async def _call(self, route: str, connection: Connection, **more: Any) -> Any:
        event = {
            "requestContext": {
                "routeKey": route,
                "eventType": _EVENTS[route],
                "connectionId": connection.id,
                "connectedAt": connection.connected_at,
                "requestTimeEpoch": _now(),
                "requestId": ids.new("req"),
                "messageDirection": "IN",
                "stage": "live",
                "identity": {"sourceIp": connection.source_ip, "userAgent": connection.user_agent},
            },
            "isBase64Encoded": False,
            **more,
        }
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._handle, route, event)

    async def connections(self, scope: Scope, receive: Receive, send: Send) -> None:
        """API Gateway's management API: POST sends, GET tells, DELETE closes."""
        try:
            status, content = await self._manage(scope, receive)
        except Problem as problem:
            status, content = problem.status, {"message": problem.detail}
        headers = {"Content-Type": "application/json"}
        kinds = {403: "ForbiddenException", 410: "GoneException", 413: "PayloadTooLargeException"}
        if status in kinds:
            headers["x-amzn-ErrorType"] = kinds[status]
        await respond(send, {"statusCode": status, "headers": headers, "body": json.dumps(content)})

    async def _manage(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
        if not self._trusted(scope):
            return 403, {"message": "Forbidden"}
        connection = self._open.get(unquote(scope["path"]).rpartition("/")[2])
        if connection is None:
            return 410, {"message": "The connection is gone."}
        if scope["method"] == "POST":
            body = await read_body(scope, receive, MAX_MESSAGE)
            try:
                connection.queue.put_nowait(body.decode("utf-8", "replace"))
            except asyncio.QueueFull:
                self._open.pop(connection.id, None)
                connection.end(AGAINST_POLICY)
                log.warning("a connection does not read; closing it")
                return 410, {"message": "The connection does not read."}
            return 200, {}
        if scope["method"] == "DELETE":
            try:
                connection.queue.put_nowait(None)
            except asyncio.QueueFull:
                connection.end(GOING_AWAY)
            return 204, {}
        return 200, {
            "connectedAt": connection.connected_at,
            "lastActiveAt": connection.last_active,
            "identity": {"sourceIp": connection.source_ip, "userAgent": connection.user_agent},
        }

    def _trusted(self, scope: Scope) -> bool:
        """Signed by AWS's SDK, or carrying the installation's secret.

        A Lambda worker signs with the temporary credentials of its role, which only MiniStack could
        check. The connection's id is the capability: 128 random bits that are nowhere but in the
        database; a build cannot reach this door at all.
        """
        headers = dict(scope["headers"])
        given = headers.get(b"x-clouddeck-secret", b"")
        if self._secret and hmac.compare_digest(given, self._secret.encode()):
            return True
        signature: bytes = headers.get(b"authorization", b"")
        return signature.startswith(b"AWS4-HMAC-SHA256 Credential=")


def _connection(scope: Scope) -> Connection:
    client = scope.get("client")
    agent = dict(scope["headers"]).get(b"user-agent", b"").decode("latin-1")
    now = _now()
    return Connection(
        secrets.token_urlsafe(16), client[0] if client else "", agent, now, last_active=now
    )


async def _write(connection: Connection, send: Send) -> None:
    """What others want to say to a connection, in order, until one says None."""
    while (text := await connection.queue.get()) is not None:
        await send({"type": "websocket.send", "text": text})


async def _reject(scope: Scope, send: Send, status: int) -> None:
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"application/json")]
    body = json.dumps({"message": {401: "Unauthorized", 403: "Forbidden"}.get(status, "Refused")})
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body.encode()})


def _now() -> int:
    return time.time_ns() // 1_000_000
