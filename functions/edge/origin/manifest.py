"""Manifests and shards, read from the store and kept in memory: they never change.

They may go away, though: a preview is removed when its time is over. So whoever asks for one that
no route names has it confirmed first.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from chalicelib.edge.rules.manifests import (
    MAX_BYTES,
    BadManifestError,
    Files,
    Manifest,
    parse_manifest,
    parse_shard,
)
from functions.edge.origin.remote import Remote, UnreachableError

_WEIGHT = 3
"""A parsed file table takes this many times the bytes of its JSON (measured: 2.6 to 3.2, the most
with names of two characters)."""

_EACH = 512
"""And this much however small it is, so that many tiny ones are no way round the bound."""


class StoreError(Exception):
    """The store did not give an object."""


class AbsentError(StoreError):
    """The store says that there is no such object."""


class Manifests:
    """The least recently used go first when `capacity` bytes are taken."""

    def __init__(
        self, remote: Remote, capacity: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._remote = remote
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._capacity = capacity
        self._held: OrderedDict[str, tuple[int, Manifest | Files]] = OrderedDict()
        self.bytes = 0

    def get(self, deployment: str) -> Manifest:
        """The manifest of `dpl_..`; raises AbsentError or StoreError."""
        key = f"manifests/{deployment}.json"
        held = self._recall(key)
        if isinstance(held, Manifest):
            return held
        data = self._read(key)
        try:
            manifest = parse_manifest(data, deployment)
        except BadManifestError as error:
            raise StoreError(str(error)) from error
        self._keep(key, len(data), manifest)
        return manifest

    def confirm(self, deployment: str, seconds: float) -> None:
        """Forget a manifest that is held and was removed from the store since.

        The store is asked when it was not within `seconds`; when it is out of reach, what is held
        counts.
        """
        key = f"manifests/{deployment}.json"
        if key not in self._held or self._clock() - self._seen.get(key, -seconds) < seconds:
            return
        try:
            status, _ = self._remote.ask("HEAD", f"/{key}", limit=0)
        except UnreachableError:
            return
        if status == 404:
            self._drop(key)
        elif status == 200:
            self._seen[key] = self._clock()

    def find(self, manifest: Manifest, path: str) -> tuple[str, int] | None:
        """(sha256, size) of the file at `path`, reading its shard if need be; raises StoreError."""
        if manifest.files is not None:
            return manifest.files.get(path)
        digest = manifest.shard_of(path)
        return None if digest is None else self._shard(manifest.team, digest).get(path)

    def _shard(self, team: str, digest: str) -> Files:
        key = f"shards/{team}/{digest}.json"
        held = self._recall(key)
        if isinstance(held, dict):
            return held
        data = self._read(key)
        try:
            files = parse_shard(data, digest)
        except BadManifestError as error:
            raise StoreError(str(error)) from error
        self._keep(key, len(data), files)
        return files

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

    def _recall(self, key: str) -> Manifest | Files | None:
        held = self._held.get(key)
        if held is None:
            return None
        self._held.move_to_end(key)
        return held[1]

    def _keep(self, key: str, size: int, content: Manifest | Files) -> None:
        old = self._held.pop(key, None)
        weight = size * _WEIGHT + _EACH
        self.bytes += weight - (old[0] if old else 0)
        self._held[key] = (weight, content)
        self._seen[key] = self._clock()
        while self.bytes > self._capacity and len(self._held) > 1:
            self._drop(next(iter(self._held)))

    def _drop(self, key: str) -> None:
        weight, _content = self._held.pop(key)
        self._seen.pop(key, None)
        self.bytes -= weight
