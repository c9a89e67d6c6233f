"""The edge's own copies on disk: bounded, oldest use evicted first."""

import contextlib
import os
import time
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

_TEMPORARY = ".tmp"


class DiskCache:
    """Files by relative name under one folder.

    The index belongs to the event loop; only `write`, `read`, `delete` and `scan` touch files
    and may run in threads. A name never holds anything a visitor chose: ids and digests only.
    """

    def __init__(self, folder: Path, capacity: int) -> None:
        self.folder = folder
        self.capacity = capacity
        self.bytes = 0
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._scanned = False

    def path(self, name: str) -> Path:
        """Where a file lies or would lie."""
        return self.folder / name

    def has(self, name: str) -> bool:
        """Whether a file is here; counts as a use of it."""
        if name in self._sizes:
            self._sizes.move_to_end(name)
            return True
        if self._scanned:
            return False
        with contextlib.suppress(OSError):
            self._record(name, self.path(name).stat().st_size)
            return True
        return False

    def add(self, name: str, size: int) -> list[str]:
        """Enter a written file; returns the names that must go to stay within the capacity."""
        self._record(name, size)
        victims: list[str] = []
        while self.bytes > self.capacity and len(self._sizes) > 1:
            victim, freed = self._sizes.popitem(last=False)
            self.bytes -= freed
            victims.append(victim)
        return victims

    def forget(self, name: str) -> None:
        """Drop a file from the index."""
        self.bytes -= self._sizes.pop(name, 0)

    def adopt(self, found: Iterable[tuple[str, int]]) -> list[str]:
        """Enter what a scan found, as older than everything used since the process started."""
        recent = self._sizes
        self._sizes = OrderedDict(found)
        for name, size in recent.items():
            self._sizes[name] = size
            self._sizes.move_to_end(name)
        self.bytes = sum(self._sizes.values())
        self._scanned = True
        newest = next(reversed(self._sizes), None)
        return self.add(newest, self._sizes[newest]) if newest else []

    def _record(self, name: str, size: int) -> None:
        self.bytes += size - self._sizes.pop(name, 0)
        self._sizes[name] = size

    def write(self, name: str, pieces: Iterable[bytes], *, durable: bool = False) -> int:
        """Put a file in place whole or not at all; returns its size."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f"{target.name}.{time.monotonic_ns()}{_TEMPORARY}")
        try:
            with temporary.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
                size = file.tell()
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        return size

    def read(self, name: str) -> bytes:
        """A file's bytes, marked as used for the next start's order."""
        path = self.path(name)
        data = path.read_bytes()
        with contextlib.suppress(OSError):
            os.utime(path)
        return data

    def delete(self, names: Iterable[str]) -> None:
        """Remove files; a file that is being sent stays readable to whoever has it open."""
        for name in names:
            with contextlib.suppress(OSError):
                self.path(name).unlink()

    def scan(self) -> list[tuple[str, int]]:
        """Every file and its size, longest unused first; leftovers of a crash are removed."""
        found: list[tuple[float, str, int]] = []
        for folder, _, files in os.walk(self.folder):
            for file in files:
                path = Path(folder, file)
                with contextlib.suppress(OSError):
                    if file.endswith(_TEMPORARY):
                        if time.time() - path.stat().st_mtime > 60:
                            path.unlink()
                        continue
                    stat = path.stat()
                    name = str(path.relative_to(self.folder))
                    found.append((stat.st_mtime, name, stat.st_size))
        return [(name, size) for _, name, size in sorted(found)]
