"""Copies whole deployments that are live to disk, so that sites serve with everything else off."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable

from adapters.local.edge.blobs import Blob, Blobs
from adapters.local.edge.manifests import Manifest, Manifests
from adapters.local.edge.routes import Route
from adapters.local.edge.tables import Tables

_SITES_AT_ONCE = 2
_BLOBS_AT_ONCE = 8
_FIRST_PAUSE = 2.0
_LONGEST_PAUSE = 60.0

log = logging.getLogger(__name__)

Place = tuple[str, str]
"""A site's slug and `production` or `canary`."""


class Prefetch:
    """One pending deployment per place: a newer one takes the place of an older one."""

    def __init__(self, manifests: Manifests, tables: Tables, blobs: Blobs) -> None:
        self._manifests = manifests
        self._tables = tables
        self._blobs = blobs
        self._wanted: dict[Place, str] = {}
        self._pauses: dict[Place, float] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._active = 0

    @property
    def pending(self) -> int:
        """How many deployments are not copied yet."""
        return len(self._wanted) + self._active + len(self._pauses)

    def start(self) -> None:
        """Begin to work in the background."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._work()) for _ in range(_SITES_AT_ONCE)]

    def stop(self) -> None:
        """Leave off."""
        for task in self._tasks:
            task.cancel()

    def want(self, routes: Iterable[Route]) -> None:
        """Copy what these routes point at."""
        for route in routes:
            live = {
                "production": route.production,
                "canary": route.canary if route.weight or route.match else None,
            }
            for name, deployment in live.items():
                place = (route.slug, name)
                self._wanted.pop(place, None)
                self._pauses.pop(place, None)
                if deployment is not None and not route.gone:
                    self._wanted[place] = deployment
        self._wake.set()

    async def _work(self) -> None:
        while True:
            if not self._wanted:
                self._wake.clear()
                await self._wake.wait()
                continue
            place = next(iter(self._wanted))
            deployment = self._wanted.pop(place)
            self._active += 1
            try:
                await self._copy(deployment)
            except Exception as error:  # whatever is wrong with one, the others are copied
                self._later(place, deployment, error)
            else:
                self._pauses.pop(place, None)
            finally:
                self._active -= 1

    def _later(self, place: Place, deployment: str, error: Exception) -> None:
        """Try again after a pause that doubles; a store that comes back is not stormed."""
        pause = min(self._pauses.get(place, _FIRST_PAUSE / 2) * 2, _LONGEST_PAUSE)
        self._pauses[place] = pause
        log.warning("prefetch of %s waits %.0f s: %s", deployment, pause, error)
        asyncio.get_running_loop().call_later(pause, self._again, place, deployment)

    def _again(self, place: Place, deployment: str) -> None:
        if place in self._pauses and place not in self._wanted:
            self._wanted[place] = deployment
            self._wake.set()

    async def _copy(self, deployment: str) -> None:
        """Copy one deployment, or as much of it as the cache could hold anyway."""
        manifest = await self._manifests.get(deployment)
        await self._tables.get(manifest)
        room = self._blobs.disk.capacity
        async for part in self._parts(manifest):
            room -= sum(blob.size for blob in part)
            if room < 0:
                log.warning("%s is larger than the cache and is copied in part", deployment)
                return
            for start in range(0, len(part), _BLOBS_AT_ONCE):
                some = part[start : start + _BLOBS_AT_ONCE]
                await asyncio.gather(*(self._blobs.ensure_copy(blob) for blob in some))

    async def _parts(self, manifest: Manifest) -> AsyncIterator[list[Blob]]:
        """The blobs of a deployment, shard by shard, so that memory stays small."""
        yield manifest.blobs()
        for shard in manifest.shards:
            files = await self._manifests.read_shard(manifest, shard)
            yield [Blob(manifest.team, *entry) for entry in files.values()]
