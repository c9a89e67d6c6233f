"""What the agent does to itself before it runs a stranger's commands. Linux only; else a no-op."""

import contextlib
import os

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36


def raise_shield(secret_names: list[str]) -> None:
    """Adopt orphans, and hide our memory and the named variables from the build's processes.

    A child of the same user may read /proc/<us>/environ, which keeps what we were started with even
    after a variable is deleted. So the values are overwritten where they lie.
    """
    wipe = [name for name in secret_names if name in os.environ]
    with contextlib.suppress(Exception):  # protection in depth: the sandbox is the wall
        import ctypes

        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        table = ctypes.POINTER(ctypes.c_void_p).in_dll(libc, "environ")
        at = 0
        while address := table[at]:
            entry = ctypes.string_at(address)
            key, _, value = entry.partition(b"=")
            if key.decode("ascii", "replace") in wipe:
                ctypes.memset(address + len(key) + 1, ord("x"), len(value))
            at += 1
    for name in wipe:
        del os.environ[name]
