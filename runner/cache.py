"""Keeps dependencies between builds: a tar.gz of the plan's cache paths. Never fatal.

The archive holds `marker.json` first, then `root/<path>` for paths below the build's root and
`home/<path>` for those that start with `~/`. It is unpacked next to the tree and moved into place
by renaming, so that a broken archive leaves nothing half-restored.
"""

import contextlib
import gzip
import json
import os
import time
from pathlib import Path
from typing import cast

from runner import lock
from runner.client import Request
from runner.errors import ApiError, BuildClosed, Failure, Unreachable
from runner.logs import Log
from runner.output import mib
from runner.pack_cache import write
from runner.protocol import Api, Json, Plan
from runner.source import BROKEN_GZIP
from runner.tar import Readable
from runner.unpack import Caps, TarError, UnpackError, unpack
from runner.upload import put

CAPS = Caps(entries=500_000, size=4 * 1024**3)
MARKER = "marker.json"
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


class Cache:
    """The cache of one build; every method may fail quietly."""

    def __init__(self, api: Api, log: Log, plan: Plan, workspace: Path, root: Path) -> None:
        given = plan.cache or {}
        self._api, self._log, self._plan, self._root = api, log, plan, root
        self._key = str(given.get("key") or "")
        self._url = given.get("url")
        self._paths = [p for p in map(str, given.get("paths") or []) if _is_plain(p)]
        self._home = workspace / "home"
        self._scratch = workspace / "tmp"
        self._lock = lock.fingerprint(root, plan)
        self._restored_at = 0
        self.hit = False
        self.exact = False

    def restore(self) -> None:
        """Put the cached paths into place; sets `hit`, and `exact` when install can be skipped."""
        if not self._key or not self._url:
            return
        began = time.monotonic()
        try:
            marker, size = self._fetch()
            moved = [path for path in self._paths if self._move(path)]
        except NOT_FATAL as error:
            self._log.warn(f"The cache could not be used: {error}")
            self._clean_up()
            return
        self.hit = bool(moved)
        self.exact = (
            "node_modules" in moved
            and marker.get("key") == self._key
            and self._lock is not None
            and marker.get("lock") == self._lock
            and set(marker.get("paths") or []) <= set(moved)
        )
        self._restored_at = time.time_ns()
        took = time.monotonic() - began
        self._log.info(f"Restored {', '.join(moved) or 'nothing'} ({mib(size)}) in {took:.1f} s")

    def save(self) -> None:
        """Store the cached paths for the next build, if they changed."""
        present = [path for path in self._paths if self._place(path).is_dir()]
        if not self._key or not present:
            return
        if self.exact and not _changed([self._place(p) for p in present], self._restored_at):
            return
        file = self._scratch / "cache.tar.gz"
        marker = {"version": 1, "key": self._key, "lock": self._lock, "paths": present}
        try:
            size = write(file, marker, {_inner(p): self._place(p) for p in present}, CAPS)
            answer = self._api.call("cache", {"key": self._key, "size": size})
            headers = {str(k): str(v) for k, v in (answer.get("headers") or {}).items()}
            put(self._api, str(answer["url"]), headers, file, "the cache")
        except (*NOT_FATAL, BuildClosed, KeyError):
            pass
        finally:
            file.unlink(missing_ok=True)

    def _fetch(self) -> tuple[Json, int]:
        file, stage = self._scratch / "cache.tar.gz", self._scratch / "cache"
        try:
            answer = self._api.client.send(Request("GET", str(self._url), sink=file), patience=10)
            if answer.status != 200:
                raise ValueError(f"the store answered {answer.status}")
            stage.mkdir()
            with gzip.open(file, "rb") as stream:
                size = unpack(cast(Readable, stream), stage, CAPS).size
            marker = json.loads((stage / MARKER).read_bytes())
            return (marker if isinstance(marker, dict) else {}), size
        finally:
            file.unlink(missing_ok=True)

    def _clean_up(self) -> None:
        import shutil

        shutil.rmtree(self._scratch / "cache", ignore_errors=True)

    def _move(self, path: str) -> bool:
        source, target = self._scratch / "cache" / _inner(path), self._place(path)
        top = self._home if path.startswith("~/") else self._root
        target.parent.mkdir(parents=True, exist_ok=True)
        within = os.path.realpath(target.parent) + "/"
        if source.is_symlink() or not source.is_dir() or os.path.lexists(target):
            return False
        if not within.startswith(os.path.realpath(top) + "/"):
            return False
        source.rename(target)
        return True

    def _place(self, path: str) -> Path:
        return self._home / path[2:] if path.startswith("~/") else self._root / path


def _is_plain(path: str) -> bool:
    parts = path.removeprefix("~/").split("/")
    return all(part not in ("", ".", "..") for part in parts) and "\0" not in path


def _inner(path: str) -> str:
    return f"home/{path[2:]}" if path.startswith("~/") else f"root/{path}"


def _changed(folders: list[Path], since: int) -> bool:
    """Whether anything below was written after that time (nanoseconds since 1970)."""
    todo = [str(folder) for folder in folders]
    while todo:
        with contextlib.suppress(OSError):
            for entry in os.scandir(todo.pop()):
                info = entry.stat(follow_symlinks=False)
                if info.st_ctime_ns > since:
                    return True
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
    return False
