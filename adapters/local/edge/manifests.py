"""Manifests: parsed, checked and kept while they are asked for; shards are read on demand."""

import hashlib
import json
import re
from collections import OrderedDict
from typing import Any

from adapters.local.edge.blobs import Blob, Blobs
from adapters.local.edge.routes import is_deployment, is_team
from adapters.local.edge.store import CorruptError
from chalicelib.edge.rules.resolve import SiteRules

_MOST_BYTES = 8 * 1024 * 1024
_MOST_FILES = 200_000
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_SHARD = re.compile(r"[0-9a-f]{1,2}\Z")

Files = dict[str, tuple[str, int]]


class ShardMissingError(Exception):
    """A path cannot be answered before this shard is loaded."""

    def __init__(self, shard: str) -> None:
        super().__init__(shard)
        self.shard = shard


class Manifest:
    """What a deployment consists of."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.deployment = str(data["deployment"])
        self.project = str(data["project"])
        self.team = str(data["team"])
        self.slug = str(data.get("slug", ""))
        self.rules = SiteRules(bool(data.get("spa", False)), bool(data.get("clean_urls", True)))
        self.shards: dict[str, str] | None = _shards(data["shards"]) if "shards" in data else None
        self._files: Files = {} if self.shards is not None else parse_files(data["files"])
        self._loaded: dict[str, Files] = {}
        self._digits = len(next(iter(self.shards), "")) if self.shards else 0

    @property
    def weight(self) -> int:
        """How many files are held in memory for it."""
        return 1 + len(self._files) + sum(len(files) for files in self._loaded.values())

    def find(self, path: str) -> Blob | None:
        """The blob at a path; raises ShardMissingError when its shard is not loaded yet."""
        files = self._files if self.shards is None else self._shard_of(path)
        entry = files.get(path)
        return None if entry is None else Blob(self.team, *entry)

    def exists(self, path: str) -> bool:
        """Whether the deployment has a file at a path."""
        files = self._files if self.shards is None else self._shard_of(path)
        return path in files

    def add_shard(self, shard: str, files: Files) -> None:
        """Enter a loaded shard."""
        self._loaded[shard] = files

    def blobs(self) -> list[Blob]:
        """The blobs of an unsharded deployment."""
        return [Blob(self.team, *entry) for entry in self._files.values()]

    def _shard_of(self, path: str) -> Files:
        shard = hashlib.sha256(path.encode()).hexdigest()[: self._digits]
        loaded = self._loaded.get(shard)
        if loaded is not None:
            return loaded
        if self.shards is None or shard not in self.shards:
            return {}
        raise ShardMissingError(shard)


class Manifests:
    """Manifests by deployment id, bounded by the number of files they list."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._held: OrderedDict[str, Manifest] = OrderedDict()
        self._weight = 0

    def held(self, deployment: str) -> Manifest | None:
        """A manifest that is in memory."""
        return self._held.get(deployment)

    async def get(self, deployment: str) -> Manifest:
        """A deployment's manifest; raises StoreError when it cannot be had."""
        held = self._held.get(deployment)
        if held is not None:
            self._held.move_to_end(deployment)
            return held
        key = f"manifests/{deployment}.json"
        data = await self._blobs.read_object(key, _MOST_BYTES)
        try:
            manifest = parse_manifest(data, deployment)
        except CorruptError:
            self._blobs.discard_object(key)
            raise
        self._hold(manifest)
        return manifest

    async def load_shard(self, manifest: Manifest, shard: str) -> Files:
        """Read one shard and keep it with its manifest."""
        files = await self.read_shard(manifest, shard)
        before = manifest.weight
        manifest.add_shard(shard, files)
        if self._held.get(manifest.deployment) is manifest:
            self._weight += manifest.weight - before
            self._shrink()
        return files

    async def read_shard(self, manifest: Manifest, shard: str) -> Files:
        """Read one shard without keeping it in memory."""
        digest = (manifest.shards or {})[shard]
        key = f"shards/{manifest.team}/{digest}.json"
        data = await self._blobs.read_object(key, _MOST_BYTES, digest)
        return parse_files(_json(data, key).get("files"))

    def _hold(self, manifest: Manifest) -> None:
        old = self._held.pop(manifest.deployment, None)
        self._weight += manifest.weight - (old.weight if old else 0)
        self._held[manifest.deployment] = manifest
        self._shrink()

    def _shrink(self) -> None:
        while self._weight > _MOST_FILES and len(self._held) > 1:
            _, oldest = self._held.popitem(last=False)
            self._weight -= oldest.weight


def parse_manifest(data: bytes, deployment: str) -> Manifest:
    """A manifest's content; raises CorruptError rather than serve from half of one."""
    body = _json(data, deployment)
    if body.get("version") != 1 or body.get("deployment") != deployment:
        raise CorruptError(f"{deployment}: the manifest is of something else")
    if not is_deployment(deployment) or not is_team(body.get("team")):
        raise CorruptError(f"{deployment}: the manifest names no team")
    if not isinstance(body.get("project"), str) or ("files" in body) == ("shards" in body):
        raise CorruptError(f"{deployment}: the manifest lists no files")
    return Manifest(body)


def parse_files(files: object) -> Files:
    """The path -> (digest, size) table of a manifest or a shard."""
    if not isinstance(files, dict):
        raise CorruptError("a file table is not an object")
    table: Files = {}
    for path, entry in files.items():
        digest, size = (entry.get("h"), entry.get("s")) if isinstance(entry, dict) else (None, None)
        if not isinstance(digest, str) or not _SHA256.match(digest):
            raise CorruptError(f"no digest for {path}")
        if type(size) is not int or size < 0:
            raise CorruptError(f"no size for {path}")
        table[path] = (digest, size)
    return table


def _shards(shards: object) -> dict[str, str]:
    if not isinstance(shards, dict):
        raise CorruptError("the shard table is not an object")
    for shard, digest in shards.items():
        if not _SHARD.match(shard) or not isinstance(digest, str) or not _SHA256.match(digest):
            raise CorruptError(f"no digest for shard {shard}")
    if len({len(shard) for shard in shards}) > 1:
        raise CorruptError("the shards are not named alike")
    return shards


def _json(data: bytes, name: str) -> dict[str, Any]:
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CorruptError(f"{name} is not JSON") from error
    if not isinstance(body, dict):
        raise CorruptError(f"{name} is not an object")
    return body
