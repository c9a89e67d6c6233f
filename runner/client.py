"""Requests that survive a bad network: keep-alive per thread, retries with jitter, a patience."""

import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

from runner.answer import Response
from runner.errors import BuildClosed, Unreachable
from runner.wire import DISK_FULL, Address, Connection, parse

RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 3.0


class Request(NamedTuple):
    """One request; `body` may be a file to send, `sink` a file that takes the body of a 2xx."""

    method: str
    url: str
    headers: dict[str, str] = {}  # noqa: RUF012 - never written to
    body: bytes | Path = b""
    sink: Path | None = None


class Client:
    """Sends requests until there is an answer. Safe to share between threads."""

    def __init__(self, proxy_socket: str | None = None, *, timeout: float = 30.0) -> None:
        self._proxy = proxy_socket
        self._timeout = timeout
        self._local = threading.local()
        self.closed = threading.Event()
        self.deadline: float | None = None  # time.monotonic() after which nothing is tried again

    def send(self, request: Request, *, patience: float = 60.0) -> Response:
        """The first answer that is not a passing fault, however often it has to be asked for.

        Every request here may be repeated. `patience` is in seconds. Raises Unreachable when it
        ran out, BuildClosed when the build was closed meanwhile, OSError when a file of our own
        could not be read or written, ValueError for a URL that is none.
        """
        address = parse(request.url)
        connection = self._connection(address)
        give_up = time.monotonic() + patience
        if self.deadline is not None:
            give_up = min(give_up, self.deadline)
        pause = FIRST_PAUSE
        while True:
            stale = not connection.fresh
            wait, fault = 0.0, ""
            try:
                response = self._once(connection, address, request)
            except ConnectionError as error:
                wait, fault = (0.0 if stale else pause), str(error) or type(error).__name__
            except TimeoutError:
                wait, fault = pause, "timed out"
            except OSError as error:
                if error.filename is not None or error.errno in DISK_FULL:
                    raise
                wait, fault = pause, str(error)
            else:
                if response.status not in RETRY:
                    return response
                wait, fault = _asked_wait(response, pause), f"answered {response.status}"
            if time.monotonic() + wait > give_up:
                raise Unreachable(f"{address.authority} did not answer: {fault}")
            self._sleep(wait)
            if wait:
                pause = min(pause * 2, LONGEST_PAUSE)

    def _once(self, connection: Connection, address: Address, request: Request) -> Response:
        body, sink = request.body, request.sink
        if isinstance(body, Path):
            with body.open("rb") as file:
                return connection.request(request.method, address, request.headers, file)
        if sink is not None:
            with sink.open("wb") as into:
                return connection.request(request.method, address, request.headers, body, into)
        return connection.request(request.method, address, request.headers, body)

    def _connection(self, address: Address) -> Connection:
        pool: dict[tuple[str, str, int], Connection] | None = getattr(self._local, "pool", None)
        if pool is None:
            pool = self._local.pool = {}
        key = address[:3]
        if key not in pool:
            pool[key] = Connection(address, self._proxy, self._timeout)
        return pool[key]

    def hang_up(self) -> None:
        """Close the connections of this thread."""
        for connection in getattr(self._local, "pool", {}).values():
            connection.close()

    def _sleep(self, seconds: float) -> None:
        if self.closed.wait(seconds * (0.5 + os.urandom(1)[0] / 510)):
            raise BuildClosed


def _asked_wait(response: Response, pause: float) -> float:
    asked = response.headers.get("retry-after", "")
    return min(float(asked), 10.0) if asked.isdigit() else pause
