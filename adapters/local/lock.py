"""One supervisor per home folder: the kernel's lock, which dies with its holder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from adapters.local.settings import Refusal


class HomeLock:
    """Holds `home/lock`; the file names the process that holds it."""

    def __init__(self, home: Path) -> None:
        self._path = home / "lock"
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock for this process; raises Refusal that names the holder."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise Refusal(
                f"CloudDeck already runs on {self._path.parent} (pid {holder(self._path.parent)})."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; no error when it was not held."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def holder(home: Path) -> int | None:
    """Pid of the process that holds the lock of a home folder; None when nobody does."""
    with contextlib.suppress(OSError, ValueError):
        descriptor = os.open(home / "lock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(os.pread(descriptor, 32, 0) or b"0")
        finally:
            os.close(descriptor)
    return None
