"""The HTTP proxy of one build, on a Unix socket that only its sandbox sees."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from adapters.local.slots import http1, presign
from adapters.local.slots.egress_rules import (
    Forward,
    Origin,
    Policy,
    Refusal,
    forwarded_headers,
    judge_connect,
    judge_forward,
    public,
)

CONNECTIONS = 128
CONNECT_SECONDS = 15.0
IDLE_SECONDS = 900.0
SETTLE_SECONDS = 0.1

Resolve = Callable[[str, int], Awaitable[list[str]]]
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class RefusedError(Exception):
    """A request that may not leave the sandbox; the text is shown to the build."""


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, by the machine's resolver; raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Proxy:
    """Listens from `open` to `close`; counts what it let through and what it refused."""

    def __init__(
        self,
        policy: Policy,
        *,
        resolver: Resolve = resolve,
        keys: tuple[str, str] | None = None,
    ) -> None:
        self._policy = policy
        self._resolve = resolver
        self._keys = keys
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.allowed = 0
        self.refused: dict[str, int] = {}

    async def open(self, path: Path, uid: int | None) -> None:
        """Starts to listen on a socket file that only `uid` may use; raises OSError."""
        path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(
            self._accept, path=str(path), limit=http1.HEAD_LIMIT, backlog=CONNECTIONS
        )
        path.chmod(0o600)
        if uid is not None:
            os.chown(path, uid, uid)

    async def close(self) -> None:
        """Ends every connection."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._tasks) >= CONNECTIONS:
            writer.close()
            return
        self._tasks.add(task)
        upstreams: dict[Origin, Stream] = {}
        try:
            await self._serve(reader, writer, upstreams)
        except (OSError, EOFError, http1.BadMessageError, asyncio.CancelledError):
            pass  # a build that hangs up, or is gone, is no event of ours
        finally:
            self._tasks.discard(task)
            for stream in (writer, *(upstream for _, upstream in upstreams.values())):
                stream.close()

    async def _serve(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstreams: dict[Origin, Stream],
    ) -> None:
        while True:
            async with asyncio.timeout(IDLE_SECONDS):
                head = await _next(reader, writer)
            if head is None:
                return
            method, target, _ = head.first
            try:
                if method == "CONNECT":
                    await self._tunnel(target, reader, writer)
                    return
                decision = self._forwarding(head)
                body = http1.request_body(head)
            except http1.BadMessageError as bad:
                await _answer(writer, 400, str(bad))
                return
            except RefusedError as no:
                self._count(str(no))
                await _answer(writer, 403, str(no))
                return
            self.allowed += 1
            if not await _forward(head, body, decision, (reader, writer), upstreams):
                return

    def _forwarding(self, head: http1.Head) -> Forward:
        method, target, _ = head.first
        decision = judge_forward(method, target, self._policy)
        if isinstance(decision, Refusal):
            raise RefusedError(decision.reason)
        if decision.store and self._keys is not None:
            fault = presign.fault(method, decision, dict(head.headers), self._keys)
            if fault:
                raise RefusedError(fault)
        return decision

    async def _tunnel(
        self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        decision = judge_connect(target, self._policy)
        if isinstance(decision, Refusal):
            raise RefusedError(decision.reason)
        try:
            upstream = await self._connect(decision.host, decision.port)
        except (OSError, TimeoutError) as fault:
            await _answer(writer, 502, f"{decision.host} cannot be reached: {fault}")
            return
        self.allowed += 1
        try:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _both_ways((reader, writer), upstream)
        finally:
            upstream[1].close()

    async def _connect(self, host: str, port: int) -> Stream:
        """Connects to a checked address: the name is not looked up a second time."""
        async with asyncio.timeout(CONNECT_SECONDS):
            addresses = await self._resolve(host, port)
            if not addresses or not all(map(public, addresses)):
                raise RefusedError(f"{host} has an address that is not public")
            fault: OSError | None = None
            for address in addresses:
                try:
                    return await asyncio.open_connection(address, port)
                except OSError as error:
                    fault = error
        raise fault or OSError("no address answered")

    def _count(self, reason: str) -> None:
        if reason in self.refused or len(self.refused) < 100:
            self.refused[reason] = self.refused.get(reason, 0) + 1


async def _next(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> http1.Head | None:
    try:
        return await http1.read_head(reader, request=True)
    except http1.BadMessageError as bad:
        await _answer(writer, 400, str(bad))
        return None


async def _forward(
    head: http1.Head,
    body: http1.Body,
    decision: Forward,
    client: Stream,
    upstreams: dict[Origin, Stream],
) -> bool:
    """One request there and its answer back; whether the client's connection can be used again."""
    if head.get("expect").lower() == "100-continue":
        client[1].write(b"HTTP/1.1 100 Continue\r\n\r\n")
    lines = http1.head_bytes(
        f"{head.first[0]} {decision.path} HTTP/1.1", forwarded_headers(head.headers, decision)
    )
    sending: asyncio.Future[None] | None = None
    try:
        if body.chunked or body.length > http1.BLOCK:
            upstream, _ = await _upstream(decision.origin, upstreams, fresh=True)
            sending = asyncio.ensure_future(http1.relay(client[0], upstream[1], body, lines))
            answer = await _response(upstream[0])
        else:
            payload = lines + await client[0].readexactly(body.length)
            upstream, answer = await _exchange(decision.origin, payload, upstreams)
        if answer is None:
            await _answer(client[1], 502, "the platform hung up")
            return False
        reusable = await _reply(head, answer, (upstream, client), sending)
        if not answer.keeps_open:
            upstreams.pop(decision.origin)[1].close()
        return reusable
    except ConnectionError:
        await _answer(client[1], 502, "the platform does not answer")
        return False
    finally:
        if sending is not None:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _exchange(
    origin: Origin, payload: bytes, upstreams: dict[Origin, Stream]
) -> tuple[Stream, http1.Head | None]:
    """Sends a small request; once more on a new connection if the kept one turns out dead."""
    upstream, reused = await _upstream(origin, upstreams, fresh=False)
    try:
        upstream[1].write(payload)
        await upstream[1].drain()
        answer = await _response(upstream[0])
    except ConnectionError:
        answer = None
    if answer is None and reused:
        upstream, _ = await _upstream(origin, upstreams, fresh=True)
        upstream[1].write(payload)
        await upstream[1].drain()
        answer = await _response(upstream[0])
    return upstream, answer


async def _reply(
    head: http1.Head,
    answer: http1.Head,
    streams: tuple[Stream, Stream],
    sending: asyncio.Future[None] | None,
) -> bool:
    """Copies an answer to the client; False when its connection cannot be used again."""
    upstream, client = streams
    framing = http1.response_body(answer, head.first[0])
    if sending is not None:
        await asyncio.wait({sending}, timeout=SETTLE_SECONDS)
    reusable = not framing.until_close and head.keeps_open and (sending is None or sending.done())
    kept = [(n, v) for n, v in answer.headers if n not in {"connection", "keep-alive"}]
    kept.append(("connection", "keep-alive" if reusable else "close"))
    first = f"HTTP/1.1 {answer.first[1]} {answer.first[2]}"
    await http1.relay(upstream[0], client[1], framing, http1.head_bytes(first, kept))
    return reusable


async def _upstream(
    origin: Origin, upstreams: dict[Origin, Stream], *, fresh: bool
) -> tuple[Stream, bool]:
    known = upstreams.get(origin)
    if known and not fresh and not known[0].at_eof() and not known[1].is_closing():
        return known, True
    if known:
        known[1].close()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            upstreams[origin] = await asyncio.open_connection(
                origin.host, origin.port, limit=http1.HEAD_LIMIT
            )
    except OSError as fault:
        raise ConnectionError(str(fault)) from fault
    return upstreams[origin], False


async def _response(reader: asyncio.StreamReader) -> http1.Head | None:
    while True:
        async with asyncio.timeout(IDLE_SECONDS):
            head = await http1.read_head(reader, request=False)
        if head is None or not head.first[1].startswith("1"):
            return head


async def _both_ways(left: Stream, right: Stream) -> None:
    copies = {
        asyncio.ensure_future(_copy(left[0], right[1])),
        asyncio.ensure_future(_copy(right[0], left[1])),
    }
    try:
        await asyncio.wait(copies)
    finally:
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, TimeoutError):
        while True:
            async with asyncio.timeout(IDLE_SECONDS):
                block = await reader.read(http1.BLOCK)
            if not block:
                break
            writer.write(block)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()


async def _answer(writer: asyncio.StreamWriter, status: int, text: str) -> None:
    content = f"CloudDeck build network: {text}\n".encode()
    headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", str(len(content))),
        ("connection", "close"),
    ]
    phrase = {400: "Bad Request", 403: "Forbidden", 502: "Bad Gateway"}[status]
    writer.write(http1.head_bytes(f"HTTP/1.1 {status} {phrase}", headers) + content)
    with contextlib.suppress(OSError):
        await writer.drain()
