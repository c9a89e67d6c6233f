"""Blobs by digest: memory, then disk, then the store; each is fetched once however many wait."""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, TypeVar

from adapters.local.edge.disk import DiskCache
from adapters.local.edge.encode import CODINGS, compress, seal, unseal
from adapters.local.edge.memory import Body, Key, MemoryCache
from adapters.local.edge.store import CorruptError, Store, StoreError

LARGE = 8 * 1024 * 1024
_RETRY_SECONDS = 1.0
_MOST_FAILURES = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob of a team: the same bytes of two teams are two blobs, so that neither can probe."""

    team: str
    sha256: str
    size: int

    @property
    def file(self) -> str:
        """Its name in the disk cache."""
        return f"blobs/{self.team}/{self.sha256[:2]}/{self.sha256}"

    @property
    def key(self) -> str:
        """Its key in the store."""
        return f"blobs/{self.team}/{self.sha256}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """Bytes, their place in memory (from where they may be evicted any time) and their source."""

    body: Body
    data: bytes
    source: str


class Once:
    """Joins concurrent requests for one thing, and remembers a failure for a second."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._failed: dict[str, tuple[float, StoreError]] = {}

    async def do(self, key: str, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the one `make` that runs for this key; a waiter may leave alone."""
        failed = self._failed.get(key)
        if failed is not None:
            if time.monotonic() < failed[0]:
                raise failed[1]
            del self._failed[key]
        task = self._running.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(make())
            self._running[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        result: T = await asyncio.shield(task)
        return result

    def _done(self, key: str, task: "asyncio.Task[Any]") -> None:
        del self._running[key]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, StoreError):
            if len(self._failed) >= _MOST_FAILURES:
                self._failed.clear()
            self._failed[key] = (time.monotonic() + _RETRY_SECONDS, error)


class Blobs:
    """The way from a digest to bytes."""

    def __init__(
        self, store: Store, disk: DiskCache, memory: MemoryCache, threads: Executor, work: Executor
    ) -> None:
        self.disk = disk
        self._store = store
        self._memory = memory
        self._threads = threads
        self._work = work
        self._once = Once()
        self._checked: set[str] = set()

    async def body(self, blob: Blob) -> Loaded:
        """A blob's bytes; only for blobs that are not LARGE."""
        held = self._held((blob.team, blob.sha256, ""))
        if held is not None:
            return held
        return await self._once.do("body:" + blob.file, lambda: self._load(blob))

    async def packed(self, blob: Blob, coding: str) -> Loaded | None:
        """A compressed representation, or None when compressing this blob gains nothing."""
        found = self._held((blob.team, blob.sha256, coding))
        if found is None:
            name = blob.file + CODINGS[coding]
            found = await self._once.do(name, lambda: self._pack(blob, coding, name))
        return found if found.data else None

    async def ensure(self, blob: Blob) -> str:
        """See to it that a verified copy lies on disk; returns `disk` or `store`."""
        if self.disk.has(blob.file) and await self._intact(blob):
            return "disk"
        await self._once.do("fetch:" + blob.file, lambda: self._fetch(blob))
        return "store"

    async def ensure_copy(self, blob: Blob) -> None:
        """Like `ensure`, without reading what is there already."""
        if not self.disk.has(blob.file):
            await self._once.do("fetch:" + blob.file, lambda: self._fetch(blob))

    async def read_object(self, key: str, limit: int, sha256: str | None = None) -> bytes:
        """A manifest or shard: from disk, else from the store, which leaves a copy on disk."""
        if self.disk.has(key):
            with contextlib.suppress(OSError):
                data = await self._thread(self.disk.read, key)
                if sha256 is None or hashlib.sha256(data).hexdigest() == sha256:
                    return data
            self._discard(key)
        return await self._once.do("object:" + key, lambda: self._object(key, limit, sha256))

    def discard_object(self, key: str) -> None:
        """Drop a copy that turned out to be unusable, so that the next request asks the store."""
        self._discard(key)

    async def _object(self, key: str, limit: int, sha256: str | None) -> bytes:
        data = await self._thread(self._download, key, limit)
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise CorruptError(key)
        await self._keep(key, data, durable=True)
        return data

    def _download(self, key: str, limit: int) -> bytes:
        return b"".join(_capped(self._store.read(key), key, limit))

    def _held(self, key: Key) -> Loaded | None:
        body = self._memory.get(key)
        return None if body is None or body.data is None else Loaded(body, body.data, "memory")

    def _hold(self, key: Key, data: bytes, source: str) -> Loaded:
        return Loaded(self._memory.put(key, data), data, source)

    async def _load(self, blob: Blob) -> Loaded:
        """Disk or store into memory. What lies on disk is checked each time: disks rot."""
        source = "disk"
        for attempt in (1, 2):
            if not self.disk.has(blob.file):
                await self._once.do("fetch:" + blob.file, lambda: self._fetch(blob))
                source = "store"
            with contextlib.suppress(OSError):
                data = await self._thread(self.disk.read, blob.file)
                if hashlib.sha256(data).hexdigest() == blob.sha256:
                    return self._hold((blob.team, blob.sha256, ""), data, source)
            self._discard(blob.file)
            if attempt == 2:
                break
        raise CorruptError(blob.key)

    async def _pack(self, blob: Blob, coding: str, name: str) -> Loaded:
        key = (blob.team, blob.sha256, coding)
        if self.disk.has(name):
            with contextlib.suppress(OSError):
                packed = unseal(await self._thread(self.disk.read, name))
                if packed is not None:
                    return self._hold(key, packed, "disk")
            self._discard(name)
        original = await self.body(blob)
        data = original.data
        loop = asyncio.get_running_loop()
        sealed = await loop.run_in_executor(self._work, lambda: seal(data, compress(data, coding)))
        with contextlib.suppress(OSError):
            await self._keep(name, sealed)
        return self._hold(key, unseal(sealed) or b"", original.source)

    async def _intact(self, blob: Blob) -> bool:
        """A large blob is read through once per process before it is streamed."""
        if blob.size <= LARGE or blob.file in self._checked:
            return True
        with contextlib.suppress(OSError):
            if await self._thread(_digest_file, str(self.disk.path(blob.file))) == blob.sha256:
                self._checked.add(blob.file)
                return True
        self._discard(blob.file)
        return False

    async def _fetch(self, blob: Blob) -> None:
        """Store to disk; only bytes with the right digest and length ever get their name."""
        size = await self._thread(self._fetch_file, blob)
        if size > LARGE:
            self._checked.add(blob.file)
        self._enter(blob.file, size)

    def _fetch_file(self, blob: Blob) -> int:
        return self.disk.write(blob.file, _verified(self._store.read(blob.key), blob))

    async def _keep(self, name: str, data: bytes, *, durable: bool = False) -> None:
        size = await self._thread(lambda: self.disk.write(name, [data], durable=durable))
        self._enter(name, size)

    def _enter(self, name: str, size: int) -> None:
        victims = self.disk.add(name, size)
        if victims:
            self._checked.difference_update(victims)
            self._threads.submit(self.disk.delete, victims)

    def _discard(self, name: str) -> None:
        self.disk.forget(name)
        self.disk.delete([name])
        self._checked.discard(name)

    def _thread(self, work: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def _capped(pieces: Iterator[bytes], key: str, limit: int) -> Iterator[bytes]:
    """Pass pieces on until there are more than anybody may have written."""
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > limit:
            raise CorruptError(f"{key} is larger than {limit} bytes")
        yield piece


def _verified(pieces: Iterator[bytes], blob: Blob) -> Iterator[bytes]:
    """Pass pieces on; raises at the end when they were not the blob."""
    digest = hashlib.sha256()
    for piece in _capped(pieces, blob.key, blob.size):
        digest.update(piece)
        yield piece
    if digest.hexdigest() != blob.sha256:
        raise CorruptError(blob.key)


def _digest_file(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123 - file_digest wants a plain file
        return hashlib.file_digest(file, "sha256").hexdigest()
