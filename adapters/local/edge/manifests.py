"""Manifests, kept while they are asked for; shards are read on demand."""

from collections import OrderedDict

from adapters.local.edge.blobs import Blob, Blobs
from adapters.local.edge.store import CorruptError
from chalicelib.edge.rules import manifests as rules
from chalicelib.edge.rules.manifests import MAX_BYTES, BadManifestError, Files, parse_shard

_MOST_FILES = 200_000


class ShardMissingError(Exception):
    """A path cannot be answered before this shard, named by its digest, is loaded."""

    def __init__(self, shard: str) -> None:
        super().__init__(shard)
        self.shard = shard


class Manifest:
    """What a deployment consists of, with the shards that were read so far."""

    def __init__(self, said: rules.Manifest) -> None:
        self.deployment = said.deployment
        self.project = said.project
        self.team = said.team
        self.rules = said.rules
        self.routing = said.routing
        self.target = said.target
        self.shards = sorted(said.shards.values())
        self._said = said
        self._loaded: dict[str, Files] = {}

    @property
    def weight(self) -> int:
        """How many files are held in memory for it."""
        tables = (self._said.files or {}, *self._loaded.values())
        return 1 + sum(len(files) for files in tables)

    def find(self, path: str) -> Blob | None:
        """The blob at a path; raises ShardMissingError when its shard is not loaded yet."""
        entry = self._files_with(path).get(path)
        return None if entry is None else Blob(self.team, *entry)

    def exists(self, path: str) -> bool:
        """Whether the deployment has a file at a path; raises like `find`."""
        return path in self._files_with(path)

    def add_shard(self, shard: str, files: Files) -> None:
        """Enter a loaded shard."""
        self._loaded[shard] = files

    def blobs(self) -> list[Blob]:
        """The blobs of an unsharded deployment."""
        return [Blob(self.team, *entry) for entry in (self._said.files or {}).values()]

    def _files_with(self, path: str) -> Files:
        """The table that would name a path."""
        if self._said.files is not None:
            return self._said.files
        shard = self._said.shard_of(path)
        if shard is None:
            return {}
        if shard not in self._loaded:
            raise ShardMissingError(shard)
        return self._loaded[shard]


class Manifests:
    """Manifests by deployment id, bounded by the number of files they list."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._held: OrderedDict[str, Manifest] = OrderedDict()
        self._weight = 0

    async def get(self, deployment: str) -> Manifest:
        """A deployment's manifest; raises StoreError when it cannot be had."""
        held = self._held.get(deployment)
        if held is not None:
            self._held.move_to_end(deployment)
            return held
        key = _key(deployment)
        data = await self._blobs.read_object(key, MAX_BYTES)
        try:
            manifest = Manifest(rules.parse_manifest(data, deployment))
        except BadManifestError as error:
            self._blobs.discard_object(key)
            raise CorruptError(f"{key}: {error}") from error
        self._hold(manifest)
        return manifest

    async def load_shard(self, manifest: Manifest, shard: str) -> None:
        """Read one shard and keep it with its manifest."""
        files = await self.read_shard(manifest, shard)
        before = manifest.weight
        manifest.add_shard(shard, files)
        if self._held.get(manifest.deployment) is manifest:
            self._weight += manifest.weight - before
            self._shrink()

    async def read_shard(self, manifest: Manifest, shard: str) -> Files:
        """Read one shard without keeping it in memory."""
        key = f"shards/{manifest.team}/{shard}.json"
        data = await self._blobs.read_object(key, MAX_BYTES, shard)
        try:
            return parse_shard(data, shard)
        except BadManifestError as error:
            raise CorruptError(f"{key}: {error}") from error

    def forget_removed(self) -> int:
        """Forget what is not on disk any more, or only in an index of it; returns how many."""
        gone = [d for d in self._held if not self._blobs.disk.path(_key(d)).exists()]
        for deployment in gone:
            self._weight -= self._held.pop(deployment).weight
            self._blobs.disk.forget(_key(deployment))
        return len(gone)

    def _hold(self, manifest: Manifest) -> None:
        old = self._held.pop(manifest.deployment, None)
        self._weight += manifest.weight - (old.weight if old else 0)
        self._held[manifest.deployment] = manifest
        self._shrink()

    def _shrink(self) -> None:
        while self._weight > _MOST_FILES and len(self._held) > 1:
            _, oldest = self._held.popitem(last=False)
            self._weight -= oldest.weight


def _key(deployment: str) -> str:
    """Its key in the store, and its name on disk."""
    return f"manifests/{deployment}.json"
