"""The sockets of an edge, and which version of HTTP a visitor gets."""

import asyncio
import contextlib
import logging
import socket
import ssl
from typing import TYPE_CHECKING, Protocol, cast

from adapters.local.edge.connection import Connection
from adapters.local.edge.http2 import Http2Connection
from adapters.local.edge.tls import HANDSHAKE_SECONDS, Tls

if TYPE_CHECKING:
    from adapters.local.edge.server import EdgeServer

_AGAIN_SECONDS = 5.0
_FAREWELL_SECONDS = 2.0

log = logging.getLogger(__name__)


class Visitor(Protocol):
    """A visitor's connection, in whatever version of HTTP."""

    transport: asyncio.Transport

    def drain(self) -> bool:
        """Close after what is under way; returns whether something is."""

    def overdue(self, now: float) -> bool:
        """Whether the visitor has been silent, slow or deaf for too long."""


class Door(asyncio.Protocol):
    """Where visitors come in over TLS: what they agreed to speak is known once they are here."""

    def __init__(self, server: "EdgeServer") -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the connection on."""
        end: ssl.SSLObject = transport.get_extra_info("ssl_object")
        h2 = end.selected_alpn_protocol() == "h2"
        protocol = Http2Connection(self._server) if h2 else Connection(self._server)
        cast("asyncio.Transport", transport).set_protocol(protocol)
        protocol.connection_made(transport)


class Listening:
    """Plain HTTP on one port and HTTPS on another, on this machine's own addresses only."""

    def __init__(self, server: "EdgeServer", tls: Tls) -> None:
        self._server = server
        self._tls = tls
        self._open: list[asyncio.Server] = []
        self._waiting: asyncio.Task[None] | None = None
        self.https = False

    async def start(self) -> None:
        """Listen; raises OSError when the port of plain HTTP is taken.

        A site that is up without HTTPS is better than none: that port is tried again and again.
        """
        settings = self._server.settings
        await self._listen(settings.port, Connection, None)
        if settings.tls_port:
            self._waiting = asyncio.get_running_loop().create_task(self._start_tls())

    def stop(self) -> None:
        """Let nobody in any more."""
        if self._waiting is not None:
            self._waiting.cancel()
        for server in self._open:
            server.close()

    async def _start_tls(self) -> None:
        settings, told = self._server.settings, False
        while not self.https:
            try:
                await self._listen(settings.tls_port, Door, self._tls.context())
                self.https = True
                log.info("edge listens on https://*.%s:%d", settings.domain, settings.tls_port)
            except (OSError, RuntimeError) as error:
                if not told:
                    log.warning("no HTTPS on port %d for now: %s", settings.tls_port, error)
                told = True
                await asyncio.sleep(_AGAIN_SECONDS)

    async def _listen(
        self,
        port: int,
        protocol: type[Connection] | type[Door],
        context: ssl.SSLContext | None,
    ) -> None:
        await self._listen_on(_socket(port, socket.AF_INET), protocol, context)
        with contextlib.suppress(OSError):
            # Browsers try ::1 first for *.localhost; without IPv6 they fall back.
            await self._listen_on(_socket(port, socket.AF_INET6), protocol, context)

    async def _listen_on(
        self,
        sock: socket.socket,
        protocol: type[Connection] | type[Door],
        context: ssl.SSLContext | None,
    ) -> None:
        self._open.append(
            await asyncio.get_running_loop().create_server(
                lambda: protocol(self._server),
                sock=sock,
                ssl=context,
                ssl_handshake_timeout=HANDSHAKE_SECONDS if context else None,
                ssl_shutdown_timeout=_FAREWELL_SECONDS if context else None,
            )
        )


def _socket(port: int, family: socket.AddressFamily) -> socket.socket:
    """A listening socket on this machine's own addresses only."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        sock.bind(("127.0.0.1" if family == socket.AF_INET else "::1", port))
        sock.listen(2048)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock
