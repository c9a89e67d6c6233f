"""Leaves no process behind: not the ones that ignore TERM, not the ones that ran away from us."""

import contextlib
import os
import signal
import time

LONGEST = 5.0


def children() -> dict[int, list[int]]:
    """Every process id and the ids of its children, as /proc tells; empty where there is none."""
    tree: dict[int, list[int]] = {}
    try:
        names = os.listdir("/proc")  # noqa: PTH208 - hot while a fork bomb is being put out
    except OSError:
        return tree
    for name in names:
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                with open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123  # no need of a Path
                    fields = file.read().rpartition(b") ")[2].split()
                tree.setdefault(int(fields[1]), []).append(int(name))
    return tree


def descendants() -> list[int]:
    """Our children, their children, and so on."""
    tree, found, wave = children(), list[int](), [os.getpid()]
    while wave:
        wave = [child for parent in wave for child in tree.get(parent, ())]
        found += wave
    return found


def kill_group(leader: int) -> None:
    """Kill a process group at once. One that is gone already is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def kill_all() -> int:
    """Kill every descendant until none is left, and say how many there were.

    Orphans become our children (see shield.py), so a daemon cannot hide by forking twice. Gives up
    after a few seconds: the sandbox ends what is stronger than a signal.
    """
    seen: set[int] = set()
    end = time.monotonic() + LONGEST
    pause = 0.001
    while time.monotonic() < end:
        collect()
        living = descendants()
        if not living:
            break
        seen.update(living)
        for pid in living:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        collect()
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
    return len(seen)


def collect(spare: int | None = None) -> None:
    """Take note of orphans that ended; without that they would fill the process limit.

    `spare` is a child somebody else waits for.
    """
    with contextlib.suppress(ChildProcessError):
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is None or ended.si_pid == spare:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)
