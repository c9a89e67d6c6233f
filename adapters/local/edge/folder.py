"""A folder of small files, re-read as they change and never trusted.

A file that cannot be read keeps what was last read from it, so that one bad write costs nobody
anything; one that is removed is gone.
"""

import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

_FULL_SCAN_SECONDS = 30.0
_SETTLE_SECONDS = 2.0

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Scan(Generic[T]):
    """One look at a folder: what every file was like, and the content of those that changed."""

    folder_mtime: int
    at: float
    marks: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    changed: dict[str, T] = field(default_factory=dict)


class Folder(Generic[T]):
    """The files `*<suffix>` of a folder by their name without it.

    `parse(content, name)` raises ValueError rather than guess. `scan` may run in a thread and
    changes nothing; `apply` belongs to the event loop.
    """

    def __init__(
        self, path: Path, suffix: str, most_bytes: int, parse: Callable[[bytes, str], T]
    ) -> None:
        self.path = path
        self._suffix = suffix
        self._most_bytes = most_bytes
        self._parse = parse
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._folder_mtime = -1
        self._full_at = 0.0

    def scan(self, *, force: bool = False) -> Scan[T] | None:
        """What changed on disk; None when nothing can have, or there is no folder."""
        now = time.monotonic()
        try:
            mtime = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return None
        # A rename within one clock tick leaves the folder's time as it was: look again for a while.
        settled = mtime == self._folder_mtime and time.time() - mtime / 1e9 > _SETTLE_SECONDS
        if settled and not force and now - self._full_at < _FULL_SCAN_SECONDS:
            return None
        scan: Scan[T] = Scan(mtime, now)
        with os.scandir(self.path) as entries:
            for entry in entries:
                if entry.name.endswith(self._suffix) and not entry.name.startswith("."):
                    self._look(entry, scan)
        return scan

    def apply(self, scan: Scan[T]) -> set[str]:
        """Remember a scan; returns the names whose files were removed."""
        removed = self._seen.keys() - scan.marks.keys()
        self._seen = scan.marks
        self._folder_mtime = scan.folder_mtime
        self._full_at = scan.at
        return removed

    def _look(self, entry: "os.DirEntry[str]", scan: Scan[T]) -> None:
        """Read one file if it is not the one that was read before."""
        name = entry.name.removesuffix(self._suffix)
        try:
            stat = entry.stat(follow_symlinks=False)
            mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            scan.marks[name] = mark
            if self._seen.get(name) == mark:
                return
            with Path(entry.path).open("rb") as file:
                content = file.read(self._most_bytes + 1)
            if len(content) > self._most_bytes:
                raise ValueError("too large")
            scan.changed[name] = self._parse(content, name)
        except FileNotFoundError:
            return
        except Exception as error:  # whatever one file brings about, the others are read
            log.warning("%s ignored, the last good one stays: %r", entry.path, error)
