"""The addresses behind a backend's name: looked up, checked, and kept for a moment."""

import asyncio
import ipaddress
import socket
import time
from collections import OrderedDict

from chalicelib.core.outbound import is_public

_SECONDS = 10.0
_LOOKUP_SECONDS = 3.0
_MOST = 1_000


class NotAllowedError(OSError):
    """A name that leads into a private network."""


class Addresses:
    """Looks names up. Every address of a name has to be public, unless `private` ones are allowed.

    Whoever connects goes to an address of the answer, not to the name: what the name says a moment
    later changes nothing.
    """

    def __init__(self, *, private: bool = False) -> None:
        self._private = private
        self._known: OrderedDict[tuple[str, int], tuple[float, list[str]]] = OrderedDict()

    async def of(self, host: str, port: int) -> list[str]:
        """The addresses of a host; raises NotAllowedError or another OSError."""
        known = self._known.get((host, port))
        if known is not None and known[0] > time.monotonic():
            return known[1]
        found = await self._look_up(host, port)
        if not self._private and not all(is_public(ipaddress.ip_address(one)) for one in found):
            raise NotAllowedError(f"{host} is not on the public internet")
        self._known[host, port] = (time.monotonic() + _SECONDS, found)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return found

    async def _look_up(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_LOOKUP_SECONDS):
                entries = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise OSError(f"{host} has no address") from error
        found = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in entries))
        if not found:
            raise OSError(f"{host} has no address")
        return found
