"""Connections to backends, kept open between requests."""

import asyncio
import ssl
import time
from collections import defaultdict, deque

from adapters.local.edge.pool_addresses import Addresses
from adapters.local.edge.pool_line import Line, Place

_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 30.0
_MOST_IDLE = 32
_MOST_OPEN = 256
"""Of one origin. Whoever comes beyond that is told so at once: waiting would only move the jam."""


class BusyError(OSError):
    """As many connections to an origin are open as there may be."""


class Pool:
    """Opens connections to checked addresses, and keeps those that can be used again.

    `tls` is what certificates are checked with, those of the machine by default.
    """

    def __init__(self, addresses: Addresses, tls: ssl.SSLContext | None = None) -> None:
        self._addresses = addresses
        self._tls = tls
        self._idle: defaultdict[Place, deque[Line]] = defaultdict(deque)
        self._open: defaultdict[Place, int] = defaultdict(int)

    async def take(self, place: Place, *, fresh: bool) -> Line:
        """A connection, a new one if `fresh`; raises BusyError or another OSError."""
        idle = self._idle.get(place)
        while idle and not fresh:
            line = idle.pop()
            if line.alive and time.monotonic() - line.since < _IDLE_SECONDS:
                return line
            self.drop(line)
        if self._open[place] >= _MOST_OPEN:
            raise BusyError(f"{_MOST_OPEN} requests to {place.host} are under way")
        self._open[place] += 1
        try:
            return await self._connect(place)
        except BaseException:
            self._left(place)
            raise

    async def _connect(self, place: Place) -> Line:
        fault: OSError | None = None
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_SECONDS):
            for address in await self._addresses.of(place.host, place.port):
                try:
                    _, line = await loop.create_connection(
                        lambda: Line(place),
                        address,
                        place.port,
                        ssl=self._context() if place.secure else None,
                        server_hostname=place.host if place.secure else None,
                    )
                except OSError as error:
                    fault = error
                else:
                    return line
        raise fault or OSError(f"{place.host} has no address")

    def give_back(self, line: Line) -> None:
        """The answer was read to its end: keep the connection for the next request."""
        line.fresh, line.since = False, time.monotonic()
        idle = self._idle[line.place]
        if not line.alive or len(idle) >= _MOST_IDLE:
            self.drop(line)
            return
        idle.append(line)

    def drop(self, line: Line) -> None:
        """Close a connection."""
        line.abort()
        self._left(line.place)

    def _left(self, place: Place) -> None:
        self._open[place] -= 1
        if self._open[place] <= 0:
            del self._open[place]

    def sweep(self) -> None:
        """Close what was idle for too long."""
        now = time.monotonic()
        for place in list(self._idle):
            idle = self._idle[place]
            while idle and now - idle[0].since >= _IDLE_SECONDS:
                self.drop(idle.popleft())
            if not idle:
                del self._idle[place]

    def close(self) -> None:
        """Close all that is idle; the rest ends with its request."""
        for idle in self._idle.values():
            while idle:
                self.drop(idle.pop())
        self._idle.clear()

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._tls
