"""Routing rules of deployments, kept while they are asked for."""

import asyncio
from collections import OrderedDict
from concurrent.futures import Executor

from adapters.local.edge.blobs import Blobs
from adapters.local.edge.manifests import Manifest
from adapters.local.edge.store import CorruptError
from chalicelib.edge.rules.routing.codec import parse_routing
from chalicelib.edge.rules.routing.model import MAX_BYTES, BadRoutingError
from chalicelib.edge.rules.routing.table import Table

_MOST_RULES = 100_000


class Tables:
    """Tables by team and digest, bounded by the number of rules they hold.

    A deployment whose table cannot be had is not served at all: its rules may protect it.
    """

    def __init__(self, blobs: Blobs, threads: Executor) -> None:
        self._blobs = blobs
        self._threads = threads
        self._held: OrderedDict[tuple[str, str], Table] = OrderedDict()
        self._weight = 0

    async def get(self, manifest: Manifest) -> Table | None:
        """The table of a deployment, None when it has no rules; raises StoreError."""
        if manifest.routing is None:
            return None
        name = (manifest.team, manifest.routing)
        held = self._held.get(name)
        if held is not None:
            self._held.move_to_end(name)
            return held
        key = f"rules/{manifest.team}/{manifest.routing}.json"
        data = await self._blobs.read_object(key, MAX_BYTES, manifest.routing)
        try:
            table = await asyncio.get_running_loop().run_in_executor(
                self._threads, _read, data, manifest.routing
            )
        except BadRoutingError as error:
            self._blobs.discard_object(key)
            raise CorruptError(f"{key}: {error}") from error
        if name not in self._held:
            self._held[name] = table
            self._weight += _weight(table)
        while self._weight > _MOST_RULES and len(self._held) > 1:
            _, oldest = self._held.popitem(last=False)
            self._weight -= _weight(oldest)
        return table


def _read(data: bytes, digest: str) -> Table:
    return Table(parse_routing(data, digest))


def _weight(table: Table) -> int:
    return 10 + len(table.routing.rules) + len(table.routing.headers)
