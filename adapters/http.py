"""HTTP in front of the Lambda handler: ASGI request -> API Gateway proxy event -> answer.

The Chalice app gets exactly the event that API Gateway would send it, so nothing in the product
knows whether a request came through AWS, this laptop or a container. The route table is compiled
once; views run in a pool of threads because they block on the database.
"""

from __future__ import annotations

import asyncio
import base64
import contextvars
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from chalicelib.core import ids
from chalicelib.core.errors import Invalid, NotFound, Problem, TooLarge, Unavailable
from chalicelib.core.http import MAX_BODY

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

THREADS = 32
WAITING = 2000  # requests that may queue for a thread before we say "busy"
_TEXT = ("application/json", "application/problem+json", "text/")

log = logging.getLogger("clouddeck.http")


class MethodNotAllowed(Problem):
    """The resource exists but does not take this method."""

    status = 405
    title = "Method not allowed"


class Disconnected(Exception):  # noqa: N818  # a fact about the client, not an error of ours
    """The client left before its request was complete."""


class LambdaContext:
    """What a handler may ask of its surroundings."""

    function_name = "api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:api"

    def __init__(self, request_id: str, seconds: float = 29.0) -> None:
        self.aws_request_id = request_id
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until API Gateway would give up."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))


@dataclass
class _Node:
    """One segment of the route tree; a literal name wins over a parameter."""

    literal: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    resource: str | None = None


class Routes:
    """The route table of an app, compiled: path -> (resource, raw parameters)."""

    def __init__(self, resources: Iterable[str]) -> None:
        self._root = _Node()
        self._names: dict[str, list[str]] = {}
        for resource in resources:
            node, names = self._root, []
            for segment in resource.strip("/").split("/"):
                if segment.startswith("{") and segment.endswith("}"):
                    names.append(segment[1:-1].rstrip("+"))
                    node.parameter = node = node.parameter or _Node()
                else:
                    node = node.literal.setdefault(segment, _Node())
            node.resource = resource
            self._names[resource] = names

    def match(self, path: str) -> tuple[str, dict[str, str]] | None:
        """The resource of a raw (still percent-encoded) path, with decoded parameters.

        Raises Invalid when a parameter is not UTF-8.
        """
        found = _walk(self._root, path.removeprefix("/").split("/"), 0)
        if found is None:
            return None
        resource, values = found
        return resource, dict(
            zip(self._names[resource], map(_decoded, reversed(values)), strict=True)
        )


def _walk(node: _Node, segments: list[str], at: int) -> tuple[str, list[str]] | None:
    if at == len(segments):
        return (node.resource, []) if node.resource else None
    segment = segments[at]
    child = node.literal.get(segment)
    if child is not None:
        found = _walk(child, segments, at + 1)
        if found is not None:
            return found
    if node.parameter is not None and segment:
        found = _walk(node.parameter, segments, at + 1)
        if found is not None:
            found[1].append(segment)
            return found
    return None


def _decoded(segment: str) -> str:
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise Invalid(
            "path_not_utf8",
            "A part of the path is not UTF-8 after percent-decoding.",
            hint="Percent-encode the UTF-8 bytes of the name.",
            status=400,
        ) from None


class Rest:
    """ASGI application around a Lambda handler that expects API Gateway REST proxy events."""

    def __init__(self, app: Any, threads: int = THREADS, max_body: int = MAX_BODY) -> None:
        self._app = app
        self._table: dict[str, dict[str, Any]] = app.routes
        self._routes = Routes(app.routes)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="api")
        self._waiting = 0
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            event = await self._event(scope, receive)
            answer = options(event) if isinstance(event, list) else await self._invoke(event)
        except Disconnected:
            return
        except Problem as problem:
            answer = problem_answer(problem)
        except Exception:
            log.exception("the adapter failed")
            answer = problem_answer(_internal())
        await respond(send, answer, head=scope["method"] == "HEAD")

    async def _event(self, scope: Scope, receive: Receive) -> dict[str, Any] | list[str]:
        """The proxy event of a request; for OPTIONS the methods of its resource instead."""
        raw_path = scope.get("raw_path") or scope["path"].encode()
        path = raw_path.partition(b"?")[0].decode("latin-1")
        found = self._routes.match(path)
        if found is None:
            raise NotFound(
                "route_not_found",
                f"There is no route {path[:200]!r}.",
                hint="The routes are listed in /v1/openapi.json.",
            )
        resource, parameters = found
        allowed = sorted(self._table[resource])
        method = scope["method"]
        if method == "HEAD" and "GET" in allowed:
            method = "GET"
        if method == "OPTIONS" and "OPTIONS" not in allowed:
            return allowed
        if method not in allowed:
            raise MethodNotAllowed(
                "method_not_allowed",
                f"{path[:200]} does not take {method[:20]}.",
                hint=f"Use {' or '.join(allowed)}.",
                headers={"Allow": ", ".join(allowed)},
            )
        body = await read_body(scope, receive, self._max_body)
        return proxy_event(scope, method, (resource, path, parameters), body)

    async def _invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        if self._waiting >= WAITING:
            raise Unavailable("overloaded", "Too many requests are waiting.", retry_after=1)
        context = LambdaContext(event["requestContext"]["requestId"])
        run = contextvars.copy_context().run
        self._waiting += 1
        try:
            answer: dict[str, Any] = await asyncio.get_running_loop().run_in_executor(
                self._pool, run, self._app, event, context
            )
        finally:
            self._waiting -= 1
        return answer


def proxy_event(
    scope: Scope, method: str, route: tuple[str, str, dict[str, str]], body: bytes
) -> dict[str, Any]:
    """The API Gateway REST proxy event of a request to `route` (resource, path, parameters)."""
    resource, path, parameters = route
    several: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        several.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    query: dict[str, list[str]] = {}
    if scope["query_string"]:
        text = scope["query_string"].decode("latin-1")
        for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
            query.setdefault(name, []).append(value)
    content, encoded = _body_field(body)
    client = scope.get("client")
    return {
        "resource": resource,
        "path": path,
        "httpMethod": method,
        "headers": {name: values[-1] for name, values in several.items()},
        "multiValueHeaders": several,
        "queryStringParameters": {n: v[-1] for n, v in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": path,
            "stage": "api",
            "protocol": f"HTTP/{scope.get('http_version', '1.1')}",
            "requestId": ids.new("req"),
            "requestTimeEpoch": time.time_ns() // 1_000_000,
            "identity": {
                "sourceIp": client[0] if client else "",
                "userAgent": several.get("user-agent", [""])[-1],
            },
        },
        "body": content,
        "isBase64Encoded": encoded,
    }


def _body_field(body: bytes) -> tuple[str | None, bool]:
    """API Gateway hands over text as text and everything else as base64."""
    if not body:
        return None, False
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole request body; raises TooLarge as soon as it is known to be over `limit`."""
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    size = int(declared) if declared.isdigit() else 0
    chunks: list[bytes] = []
    total = 0
    while size <= limit and total <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        total += len(chunk)
        chunks.append(chunk)
        if not message.get("more_body", False) and total <= limit:
            return b"".join(chunks)
    raise TooLarge(
        "body_too_large",
        f"The body has {max(size, total)} bytes or more; the limit is {limit}.",
        hint="Files are uploaded with signed URLs, not through the API.",
    )


def problem_answer(problem: Problem) -> dict[str, Any]:
    """A proxy response with the RFC 9457 document of a problem."""
    request_id = ids.new("req")
    headers = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Request-Id": request_id,
        **problem.headers,
    }
    body = json.dumps(problem.body(request_id), separators=(",", ":"))
    return {"statusCode": problem.status, "headers": headers, "body": body}


def _internal() -> Problem:
    return Problem(
        "internal",
        "CloudDeck failed to handle this request. It was logged.",
        hint="Try again; if it stays, report the request id.",
    )


def options(allowed: list[str]) -> dict[str, Any]:
    """The answer to OPTIONS: which methods a resource takes."""
    methods = ", ".join([*allowed, *(["HEAD"] if "GET" in allowed else []), "OPTIONS"])
    return {"statusCode": 204, "headers": {"Allow": methods}, "body": ""}


async def respond(send: Send, answer: dict[str, Any], head: bool = False) -> None:
    """Send a proxy response; for HEAD without its body but with its length."""
    content = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        body = base64.b64decode(content)
    else:
        body = content if isinstance(content, bytes) else content.encode()
    status = int(answer["statusCode"])
    headers = [
        (name.lower().encode("latin-1"), str(value).encode("latin-1"))
        for name, value in (answer.get("headers") or {}).items()
    ]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers += [(name.lower().encode("latin-1"), str(v).encode("latin-1")) for v in values]
    if status not in {204, 304}:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    empty = head or status in {204, 304}
    await send({"type": "http.response.body", "body": b"" if empty else body})


async def lifespan(receive: Receive, send: Send) -> None:
    """Tell a server that we are ready to start and to stop; nothing has to be opened or closed."""
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
