"""Mounts of this process: private to it, so that its death by any signal takes them along."""

import ctypes
import os
from pathlib import Path

NEW_MOUNT_NAMESPACE = 0x00020000
READ_ONLY, NO_SUID, NO_DEV, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
DETACH = 2

_libc = ctypes.CDLL(None, use_errno=True)


def enter_private() -> bool:
    """Moves this process (call it before any thread exists) into a mount namespace of its own.

    False where the machine does not allow it; nothing has changed then.
    """
    if os.geteuid() != 0 or _libc.unshare(NEW_MOUNT_NAMESPACE) != 0:
        return False
    try:
        _mount("none", "/", None, RECURSIVE | PRIVATE, None)
    except OSError:
        return False
    return True


def memory_disk(path: Path, *, size: int, inodes: int, uid: int) -> None:
    """Mounts an empty memory disk of `size` bytes that `uid` owns; raises OSError."""
    options = f"size={size},nr_inodes={inodes},mode=0700,uid={uid},gid={uid}"
    _mount("tmpfs", str(path), "tmpfs", NO_SUID | NO_DEV, options)


def read_only_view(source: str, target: Path) -> None:
    """Makes `source` visible at `target`, read-only; raises OSError."""
    _mount(source, str(target), None, BIND | RECURSIVE, None)
    _mount("none", str(target), None, BIND | REMOUNT | READ_ONLY | NO_SUID, None)


def unmount(path: Path) -> bool:
    """Takes the topmost mount off `path` at once, open files or not; False if there was none."""
    return bool(_libc.umount2(os.fsencode(path), DETACH) == 0)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None) -> None:
    result = _libc.mount(
        source.encode(),
        os.fsencode(target),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode() if options else None,
    )
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)
