"""What visitors did, counted in memory and told to the control plane, which may be away.

The edge counts by project, deployment and minute, and puts totals on the event bus every few
seconds. It touches no table: a function writes them down. Totals are told again until the bus has
taken them, and who counts them together takes the largest, so none is lost or counted twice while
the edge lives.
"""

import asyncio
import json
import logging
import os
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from chalicelib.traffic.rules import batches
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.tally import Tally

SHIP_SECONDS = 5.0
_MOST_TALLIES = 50_000
_OPEN_SECONDS = 180
_EVENT_BYTES = 200_000

log = logging.getLogger(__name__)


class Line(str):
    """The text of a log line after its first two fields, and what is counted of it."""

    __slots__ = ("cached", "deployment", "hidden", "site", "size", "status")

    site: str
    deployment: str
    hidden: bool
    status: int
    size: int
    cached: bool


Entry = tuple[float, float, Line]
"""(seconds since 1970, milliseconds it took, line)."""

_Key = tuple[str, str, str, str]
Send = Callable[[dict[str, Any]], None]
"""Puts a batch on the bus; raises OSError when it was not taken."""


class _Minute(Tally):
    """What is counted in a minute. `told` is how many of its requests the bus has taken."""

    __slots__ = ("minute", "told")

    def __init__(self, minute: int) -> None:
        super().__init__()
        self.minute = minute
        self.told = 0


class Traffic:
    """Counts of this process. `source` is its own, because another one begins at zero."""

    def __init__(self, send: Send, source: str = "") -> None:
        self.source = source or f"edge-{secrets.token_hex(8)}"
        self.lost = 0
        self._send = send
        self._lock = threading.Lock()
        self._tallies: OrderedDict[_Key, _Minute] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="edge-traffic")
        self._failing = False

    def count(self, entries: Iterable[Entry]) -> None:
        """Count answers of sites; what is nobody's is not counted.

        Most answers lay ready and are alike, so that they are added up by the hundred.
        """
        alike = Counter([(now // 60, took, line.hidden, line) for now, took, line in entries])
        with self._lock:
            tallies = self._tallies
            for (minute, milliseconds, hidden, line), times in alike.items():
                if not line.deployment:
                    continue
                kind = "preview" if hidden else "live"
                key = (line.site, line.deployment, _name(int(minute)), kind)
                tally = tallies.get(key)
                if tally is None:
                    tally = tallies[key] = _Minute(int(minute))
                tally.add(line.status, line.size, line.cached, milliseconds, times)
            while len(tallies) > _MOST_TALLIES:
                _, dropped = tallies.popitem(last=False)
                self.lost += dropped.requests - dropped.told

    async def run(self) -> None:
        """Tell what was counted, every few seconds, until the task is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SHIP_SECONDS)
            await loop.run_in_executor(self._pool, self.ship)

    def ship(self) -> int:
        """Tell what the bus has not taken yet; returns how many totals it took."""
        taken = 0
        try:
            for batch in self._batches():
                self._send(batches.batch(self.source, [told for _, told in batch]))
                taken += len(batch)
                self._took(batch)
            self._failing = False
        except Exception as error:  # numbers wait; visitors do not
            if not self._failing:
                log.warning("nobody takes the traffic, it is kept: %s", error)
            self._failing = True
        self._forget()
        return taken

    def close(self) -> None:
        """Tell the rest, once."""
        self._pool.shutdown(wait=True)
        self.ship()

    def _batches(self) -> Iterable[list[tuple[_Key, Told]]]:
        """What is to be told, in pieces that an event holds."""
        with self._lock:
            waiting = [
                (key, Told(key[0], key[1], key[2], key[3], tally.counts()))
                for key, tally in self._tallies.items()
                if tally.requests > tally.told
            ]
        size = 0
        piece: list[tuple[_Key, Told]] = []
        for key, told in waiting:
            length = len(json.dumps(told.told()))
            if piece and (size + length > _EVENT_BYTES or len(piece) >= batches.ROWS_MAX):
                yield piece
                size, piece = 0, []
            piece.append((key, told))
            size += length
        if piece:
            yield piece

    def _took(self, batch: list[tuple[_Key, Told]]) -> None:
        with self._lock:
            for key, told in batch:
                tally = self._tallies.get(key)
                if tally is not None:
                    tally.told = max(tally.told, told.counts.requests)

    def _forget(self) -> None:
        """Minutes that are over and told need not be remembered."""
        with self._lock:
            newest = max((tally.minute for tally in self._tallies.values()), default=0)
            over = [
                key
                for key, tally in self._tallies.items()
                if tally.told == tally.requests and tally.minute < newest - _OPEN_SECONDS // 60
            ]
            for key in over:
                del self._tallies[key]


@lru_cache(16)
def _name(minute: int) -> str:
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M")


class EventsClient:
    """Puts batches on the event bus behind the endpoint that the AWS variables name."""

    def __init__(self, bus: str) -> None:
        self._bus = bus
        self._ready: tuple[Any, Any, str] | None = None

    @staticmethod
    def endpoint() -> str:
        """Where the bus is; empty when this edge belongs to no embedded cloud."""
        url = os.environ.get("AWS_ENDPOINT_URL_EVENTS") or os.environ.get("AWS_ENDPOINT_URL") or ""
        return url.rstrip("/")

    def __call__(self, batch: dict[str, Any]) -> None:
        """Put one event; raises OSError when the bus did not take it."""
        import urllib3

        if not self.endpoint():
            raise OSError("no endpoint of the event bus is set")
        pool, session, region = self._open()
        entry = {
            "EventBusName": self._bus,
            "Source": "clouddeck",
            "DetailType": batches.EVENT,
            "Detail": json.dumps(batch, separators=(",", ":")),
        }
        body = json.dumps({"Entries": [entry]}).encode()
        url = f"{self.endpoint()}/"
        try:
            answer = pool.request(
                "POST", url, body=body, headers=_signed(session, region, url, body)
            )
        except urllib3.exceptions.HTTPError as error:
            raise OSError(f"the bus is out of reach: {error!r}") from error
        if answer.status != 200 or json.loads(answer.data).get("FailedEntryCount"):
            raise OSError(f"the bus answered {answer.status}")

    def _open(self) -> tuple[Any, Any, str]:
        if self._ready is None:
            import botocore.session
            import urllib3

            session = botocore.session.get_session()
            region = session.get_config_variable("region") or "us-east-1"
            pool = urllib3.PoolManager(
                maxsize=1, retries=False, timeout=urllib3.Timeout(connect=2.0, read=5.0)
            )
            self._ready = (pool, session, region)
        return self._ready


def _signed(session: Any, region: str, url: str, body: bytes) -> dict[str, str]:
    """Headers that make a call of PutEvents; unsigned when there are no credentials."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSEvents.PutEvents"}
    request = AWSRequest("POST", url, data=body, headers=headers)
    credentials = session.get_credentials()
    if credentials is not None:
        SigV4Auth(credentials, "events", region).add_auth(request)
    return dict(request.headers.items())
