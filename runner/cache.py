"""Keeps folders between builds: one archive of dependencies, one of what the framework computed.

An archive is a tar.gz that holds `marker.json` first, then `root/<path>` for paths below the
build's root and `home/<path>` for those that start with `~/`. It is used only when its digest is
the one that the API vouches for. It is unpacked next to the tree and moved into place by renaming,
so that a broken archive leaves nothing half-restored. Nothing here is fatal to a build.
"""

import contextlib
import gzip
import hashlib
import json
import os
import time
from pathlib import Path
from typing import NamedTuple, cast

from runner import lock, pack_cache
from runner.client import Request
from runner.errors import ApiError, BuildClosed, Failure, Unreachable
from runner.logs import Log
from runner.output import mib
from runner.protocol import Api, Json, Kept, Plan
from runner.source import BROKEN_GZIP
from runner.tar import Readable
from runner.unpack import Caps, TarError, UnpackError, unpack
from runner.upload import put

CAPS = Caps(entries=500_000, size=4 * 1024**3)
MARKER = "marker.json"
LARGEST_MARKER = 64 * 1024
TOOLS = "~/.clouddeck/tools"
"""Where programs are installed that a plan asks for; kept along with the dependencies."""

NOT_FATAL = (
    ApiError,
    Failure,
    Unreachable,
    UnpackError,
    TarError,
    OSError,
    ValueError,
    *BROKEN_GZIP,
)


class Restored(NamedTuple):
    """What became of one archive: `state` is exact, hit, miss, rejected or off."""

    kind: str
    state: str
    bytes: int
    ms: int


class Place(NamedTuple):
    """Where the folders of a build lie."""

    root: Path
    home: Path
    scratch: Path

    def of(self, path: str) -> Path:
        """The folder that a cached path means."""
        return self.home / path[2:] if path.startswith("~/") else self.root / path


class Caches:
    """The archives of one build."""

    def __init__(self, api: Api, log: Log, plan: Plan, workspace: Path, root: Path) -> None:
        place = Place(root, workspace / "home", workspace / "tmp")
        fingerprint = lock.fingerprint(root, plan)
        framework = [p for kept in plan.caches if kept.kind == "framework" for p in kept.paths]
        self._all = [_Cache(api, log, kept, place, fingerprint, framework) for kept in plan.caches]

    @property
    def hit(self) -> bool:
        """Whether dependencies of an earlier build are there."""
        return any(c.state in {"hit", "exact"} for c in self._dependencies())

    @property
    def exact(self) -> bool:
        """Whether they are those that an install would make, so that none is needed."""
        return any(c.state == "exact" for c in self._dependencies())

    def told(self) -> list[Restored]:
        """What became of every archive."""
        return [Restored(c.kind, c.state, c.bytes, c.ms) for c in self._all]

    def restore(self) -> None:
        """Put the cached folders into place; dependencies first, the others may lie in them."""
        for cache in sorted(self._all, key=lambda cache: cache.kind != "dependencies"):
            cache.restore()

    def save(self, install_ms: int) -> None:
        """Store for the next build what has changed; `install_ms` is what the install took."""
        for cache in self._all:
            cache.save(install_ms)

    def _dependencies(self) -> "list[_Cache]":
        return [cache for cache in self._all if cache.kind == "dependencies"]


class _Cache:
    """One archive; every method may fail quietly."""

    def __init__(  # noqa: PLR0917  # what it is, and where
        self,
        api: Api,
        log: Log,
        kept: Kept,
        place: Place,
        fingerprint: str | None,
        framework: list[str],
    ) -> None:
        self._api, self._log, self._kept, self._place = api, log, kept, place
        self._lock = fingerprint
        self._paths = [path for path in kept.paths if _is_plain(path)]
        self._apart: frozenset[str] = frozenset()
        if kept.kind == "dependencies":
            self._paths.append(TOOLS)
            # what a framework computes is trusted less, so it never travels with these
            self._apart = frozenset(str(place.of(p)) for p in framework if _is_plain(p))
        self._restored_at = 0
        self.kind, self.bytes, self.ms = kept.kind, 0, 0
        self.state = "miss" if kept.url or kept.write else "off"

    def restore(self) -> None:
        """Put the folders into place; afterwards `state` says how that went."""
        if not self._kept.url or not self._kept.sha256:
            return
        began = time.monotonic()
        try:
            marker = self._fetch(self._kept.url, self._kept.sha256)
            moved = [path for path in self._paths if self._move(path)]
        except _Forged:
            self.state = "rejected"
            self._log.warn(f"The cache of {self.kind} was not used: it is not what was saved.")
        except NOT_FATAL as error:
            self._log.warn(f"The cache of {self.kind} could not be used: {error}")
        else:
            self._judge(marker, moved)
            took = time.monotonic() - began
            what = ", ".join(moved) or "nothing"
            self._log.info(f"Restored {what} ({mib(self.bytes)}) in {took:.1f} s")
        finally:
            self.ms = round((time.monotonic() - began) * 1000)
            self._restored_at = time.time_ns()
            self._clean_up()

    def _judge(self, marker: Json, moved: list[str]) -> None:
        exact = (
            "node_modules" in moved
            and marker.get("key") == self._kept.key
            and self._lock is not None
            and marker.get("lock") == self._lock
            and all(path in moved for path in marker.get("paths") or ())
        )
        self.state = "exact" if exact else "hit" if moved else "miss"

    def save(self, install_ms: int) -> None:
        """Store the folders for the next build, if they changed and this build may."""
        present = [path for path in self._paths if self._place.of(path).is_dir()]
        if not self._kept.write or not present:
            return
        folders = {_inner(path): self._place.of(path) for path in present}
        kept = self.state in {"exact", "hit"}
        if kept and not _changed(list(folders.values()), self._restored_at, self._apart):
            return
        file = self._place.scratch / "cache.tar.gz"
        marker = {"version": 1, "key": self._kept.key, "lock": self._lock, "paths": present}
        try:
            pack_cache.write(file, marker, folders, CAPS, self._apart)
            self._send(file, install_ms)
        except (*NOT_FATAL, BuildClosed, KeyError):
            pass
        finally:
            file.unlink(missing_ok=True)

    def _send(self, file: Path, install_ms: int) -> None:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        what: Json = {
            "kind": self.kind,
            "key": self._kept.key,
            "sha256": digest,
            "size": file.stat().st_size,
        }
        answer = self._api.call("cache", what)
        headers = {str(k): str(v) for k, v in (answer.get("headers") or {}).items()}
        put(self._api, str(answer["url"]), headers, file, "the cache")
        self._api.call("cache_saved", {**what, "install_ms": install_ms})

    def _fetch(self, url: str, sha256: str) -> Json:
        """The marker of the archive, unpacked beside the tree. Raises _Forged before unpacking."""
        file, stage = self._place.scratch / "cache.tar.gz", self._place.scratch / "cache"
        try:
            answer = self._api.client.send(Request("GET", url, sink=file), patience=10)
            if answer.status != 200:
                raise ValueError(f"the store answered {answer.status}")
            self.bytes = file.stat().st_size
            with file.open("rb") as content:
                if hashlib.file_digest(content, "sha256").hexdigest() != sha256:
                    raise _Forged
            stage.mkdir()
            with gzip.open(file, "rb") as stream:
                unpack(cast(Readable, stream), stage, CAPS)
            return _read_marker(stage / MARKER)
        finally:
            file.unlink(missing_ok=True)

    def _clean_up(self) -> None:
        import shutil  # slow to import, and few builds get here

        shutil.rmtree(self._place.scratch / "cache", ignore_errors=True)

    def _move(self, path: str) -> bool:
        source, target = self._place.scratch / "cache" / _inner(path), self._place.of(path)
        top = self._place.home if path.startswith("~/") else self._place.root
        if source.is_symlink() or not source.is_dir() or os.path.lexists(target):
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        within = os.path.realpath(target.parent) + "/"
        if not within.startswith(os.path.realpath(top) + "/"):
            return False
        source.rename(target)
        return True


class _Forged(Exception):  # noqa: N818 - a verdict, not a bug
    """The archive is not the one that was saved."""


def _read_marker(file: Path) -> Json:
    """What an archive says of itself. An install may have written it, so it is no more trusted."""
    with file.open("rb") as content:
        raw = content.read(LARGEST_MARKER + 1)
    try:
        marker = json.loads(raw) if len(raw) <= LARGEST_MARKER else None
    except RecursionError as error:
        raise ValueError("its marker is none") from error
    if not isinstance(marker, dict) or not isinstance(marker.get("paths") or [], list):
        raise ValueError("its marker is none")
    return marker


def _is_plain(path: str) -> bool:
    parts = path.removeprefix("~/").split("/")
    return all(part not in ("", ".", "..") for part in parts) and "\0" not in path


def _inner(path: str) -> str:
    return f"home/{path[2:]}" if path.startswith("~/") else f"root/{path}"


def _changed(folders: list[Path], since: int, apart: frozenset[str]) -> bool:
    """Whether anything below was written after that time (nanoseconds since 1970)."""
    todo = [str(folder) for folder in folders]
    while todo:
        with contextlib.suppress(OSError):
            for entry in os.scandir(todo.pop()):
                if entry.path in apart:
                    continue
                info = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                    if any(path.startswith(entry.path + "/") for path in apart):
                        continue  # making the folder apart changed this one too
                if info.st_ctime_ns > since:
                    return True
    return False
