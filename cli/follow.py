"""Following a deployment: log lines and changes of state as they happen.

The WebSocket is the fast way; what it may lose (a connection, a message) is made good by asking.
"""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from cli.api import Api, Json, segment
from cli.config import is_loopback
from cli.errors import NetworkError

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

TERMINAL = ("ready", "failed", "cancelled", "superseded")
PAGE = 1000
SOCKET_TRIES = 3  # connections lost in a row before polling
QUIET = (0.5, 5.0)  # seconds without a message after which we ask, at first and at most
DRAIN = 15.0  # seconds that the last lines may take after the end
PATIENCE = 120.0  # seconds offline before giving up


@dataclass(frozen=True)
class Event:
    """A log line or a deployment in a new state."""

    kind: str
    data: Json


def logs(api: Api, deployment: str, after: int | None = None) -> Iterator[Json]:
    """All lines there are now, up to the first empty page: pages may be shorter than asked for."""
    while True:
        page = _page(api, deployment, after)
        yield from page["lines"]
        after = page["next"]
        if not page["lines"]:
            return


def _page(api: Api, deployment: str, after: int | None) -> Json:
    return api.get(f"/deployments/{segment(deployment)}/logs", after=after, limit=PAGE)


class Follower:
    """One deployment from wherever it is to its end."""

    def __init__(
        self, api: Api, deployment: str, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._api = api
        self._id = deployment
        self._sleep = sleep
        self._after: int | None = None
        self._last: Json | None = None

    def events(self) -> Iterator[Event]:
        """Everything that happens, ending with the deployment in its final state."""
        yield from self._look()
        yield from self._catch_up()  # so that a line from the socket is known to be the next
        failures = 0
        while not self._finished() and failures < SOCKET_TRIES:
            try:
                for event in self._socket():
                    failures = 0
                    yield event
            except _SocketFailed:
                failures += 1
                self._sleep(random.uniform(0, 0.3 * 2**failures))  # noqa: S311 - jitter
                yield from self._look()
        if not self._finished():
            yield from self._poll()
        yield from self._drain()
        if self._last is not None:
            yield Event("end", self._last)

    def _finished(self) -> bool:
        return self._last is not None and self._last["state"] in TERMINAL

    def _look(self) -> Iterator[Event]:
        """Ask for the state."""
        yield from self._changed(self._api.get(f"/deployments/{segment(self._id)}"))

    def _changed(self, deployment: Json) -> Iterator[Event]:
        before = self._last
        if before is not None and before["state"] in TERMINAL:
            return
        self._last = deployment
        if before is None or _shape(before) != _shape(deployment):
            yield Event("deployment", deployment)

    def _line(self, line: Json) -> Iterator[Event]:
        if self._after is None or line["n"] > self._after:
            self._after = line["n"]
            yield Event("log", line)

    def _catch_up(self) -> Iterator[Event]:
        for line in logs(self._api, self._id, self._after):
            yield from self._line(line)
        self._after = self._after or 0

    # -- live -------------------------------------------------------------------------------

    def _socket(self) -> Iterator[Event]:
        """Until the end or until the connection is lost."""
        from websockets.exceptions import ConnectionClosed

        with _connect(self._api) as live:
            wish: Json = {"action": "subscribe", "deployment": self._id, "after": self._after}
            try:
                live.send(json.dumps(wish))
                yield from self._look()  # what happened before we listened
                patience = QUIET[0]
                while not self._finished():
                    try:
                        message = json.loads(live.recv(timeout=patience))
                    except TimeoutError:
                        patience = min(patience * 1.5, QUIET[1])
                        yield from self._catch_up()
                        yield from self._look()
                        continue
                    patience = QUIET[0]
                    yield from self._message(message)
            except (ConnectionClosed, ValueError, OSError) as error:
                raise _SocketFailed from error

    def _message(self, message: Any) -> Iterator[Event]:
        kind = message.get("type") if isinstance(message, dict) else None
        if kind == "error":
            raise _SocketFailed
        if kind == "log" and message.get("deployment") == self._id:
            for line in message["lines"]:
                if self._after is not None and line["n"] > self._after + 1:
                    yield from self._catch_up()  # a message was lost on the way
                yield from self._line(line)
        elif kind == "deployment" and message["deployment"].get("id") == self._id:
            yield from self._changed(message["deployment"])

    # -- asking -----------------------------------------------------------------------------

    def _poll(self) -> Iterator[Event]:
        pause, offline_since = 0.5, None
        while not self._finished():
            try:
                yield from self._catch_up()
                yield from self._look()
            except NetworkError:
                offline_since = offline_since or time.monotonic()
                if time.monotonic() - offline_since > PATIENCE:
                    raise
            else:
                offline_since = None
            if not self._finished():
                self._sleep(pause)
                pause = min(pause * 1.5, 3.0)

    def _drain(self) -> Iterator[Event]:
        """The last lines, which may still be on their way when the state is final."""
        end = time.monotonic() + DRAIN
        pause = 0.1
        while True:
            page = _page(self._api, self._id, self._after)
            for line in page["lines"]:
                yield from self._line(line)
            if page["lines"]:
                continue
            if page.get("done") or time.monotonic() > end:
                return
            self._sleep(pause)
            pause = min(pause * 2, 1.0)


class _SocketFailed(Exception):  # noqa: N818 - an event, not a failure of the command
    """The connection could not be made or was lost."""


def _shape(deployment: Json) -> tuple[Any, ...]:
    stages = deployment.get("stages") or ()
    return (deployment["state"], *((stage["name"], stage["state"]) for stage in stages))


def _connect(api: Api) -> ClientConnection:
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect

    live = str(api.meta()["live"])
    if live.startswith("ws:") and api.url.startswith("https:"):
        raise _SocketFailed  # a token does not go out in the clear because an answer says so
    token = quote(api.credentials.token(), safe="")
    try:
        return connect(
            f"{live}{'&' if '?' in live else '?'}token={token}",
            sock=_own_machine(live),
            proxy=None if is_loopback(live) else True,
            open_timeout=5,
            close_timeout=1,
            max_size=16 << 20,
        )
    except (WebSocketException, OSError, ValueError) as error:
        raise _SocketFailed from error


def _own_machine(url: str) -> socket.socket | None:
    """A connection for `*.localhost`, which not every resolver knows."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(".localhost"):
        return None
    return socket.create_connection(("127.0.0.1", parts.port or 80), timeout=5)
