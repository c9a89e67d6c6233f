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
    judge_connect,
    judge_forward,
    public,
)
from adapters.local.slots.forwarding import CONNECT_SECONDS, IDLE_SECONDS, Stream, forward, say

CONNECTIONS = 128

Resolve = Callable[[str, int], Awaitable[list[str]]]


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
                await say(writer, 400, str(bad))
                return
            except RefusedError as no:
                self._count(str(no))
                await say(writer, 403, str(no))
                return
            self.allowed += 1
            if not await forward(head, body, decision, (reader, writer), upstreams):
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
            await say(writer, 502, f"{decision.host} cannot be reached: {fault}")
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
        await say(writer, 400, str(bad))
        return None


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
