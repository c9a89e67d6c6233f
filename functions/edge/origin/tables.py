"""Tables of routing rules, read from the store and kept in memory: they never change.

One that cannot be read, or is damaged, takes down the deployments that have it and nothing else: to
answer from their files alone would open what a rule protects.
"""

from __future__ import annotations

from collections import OrderedDict

from chalicelib.edge.rules.routing.codec import parse_routing
from chalicelib.edge.rules.routing.model import MAX_BYTES, BadRoutingError
from chalicelib.edge.rules.routing.table import Table
from functions.edge.origin.manifest import AbsentError, StoreError
from functions.edge.origin.remote import Remote, UnreachableError

_WEIGHT = 12
"""A table that is ready takes this many times the bytes of its JSON (measured: 8 to 11)."""

_EACH = 4096


class Tables:
    """The least recently used go first when `capacity` bytes are taken."""

    def __init__(self, remote: Remote, capacity: int) -> None:
        self._remote = remote
        self._capacity = capacity
        self._held: OrderedDict[str, tuple[int, Table]] = OrderedDict()
        self.bytes = 0

    def get(self, team: str, digest: str) -> Table:
        """The table of a team's deployment; raises AbsentError or StoreError."""
        key = f"rules/{team}/{digest}.json"
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
            return held[1]
        data = self._read(key)
        try:
            table = Table(parse_routing(data, digest))
        except BadRoutingError as error:
            raise StoreError(f"{key}: {error}") from error
        weight = len(data) * _WEIGHT + _EACH
        self._held[key] = (weight, table)
        self.bytes += weight
        while self.bytes > self._capacity and len(self._held) > 1:
            self.bytes -= self._held.popitem(last=False)[1][0]
        return table

    def _read(self, key: str) -> bytes:
        try:
            status, data = self._remote.ask("GET", f"/{key}", limit=MAX_BYTES)
        except UnreachableError as error:
            raise StoreError(f"{key}: {error}") from error
        if status == 404:
            raise AbsentError(key)
        if status != 200:
            raise StoreError(f"S3 answered {status} for {key}")
        return data
