"""Starts and reaps child processes from the one permanent thread of this process.

bubblewrap dies with the *thread* that started it, so nothing here may run in a worker thread; and
this process adopts orphans, so it must reap children it never started.
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence

PR_SET_CHILD_SUBREAPER = 36


class Children:
    """Every child of this process; make one, on the main thread, inside the running loop."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[subprocess.Popen[bytes], asyncio.Future[int]]] = {}
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._loop = asyncio.get_running_loop()
        self._loop.add_signal_handler(signal.SIGCHLD, self.reap)

    def start(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        output: int,
        keep: Sequence[int] = (),
        cwd: str | None = None,
    ) -> tuple[int, asyncio.Future[int]]:
        """Starts a process in its own session; returns its id and a future of its exit status.

        The status is negative for a signal. `output` receives stdout and stderr, `keep` are the
        descriptors it inherits. Raises OSError.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("children are started from the main thread only")
        process = subprocess.Popen(
            list(argv),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=tuple(keep),
            cwd=cwd,
            start_new_session=True,
        )
        ended: asyncio.Future[int] = self._loop.create_future()
        self._waiting[process.pid] = (process, ended)
        return process.pid, ended

    def reap(self) -> None:
        """Collects every child that has ended, adopted ones too."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            process, ended = self._waiting.pop(pid, (None, None))
            if process is not None and ended is not None:
                process.returncode = os.waitstatus_to_exitcode(status)
                if not ended.done():
                    ended.set_result(process.returncode)


def in_memory_file(name: str, content: bytes) -> int:
    """A descriptor of an unnamed file that holds `content`, at its start; the caller closes it."""
    descriptor = os.memfd_create(name)
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def kill_marked(name: str, value: str) -> int:
    """SIGKILL to every process whose environment holds name=value; returns how many there were.

    For plain builds only: their daemons have left the session and there may be no control group.
    """
    mark = f"{name}={value}".encode()
    count = 0
    for entry in os.listdir("/proc"):  # noqa: PTH208  # names are enough
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as file:  # noqa: PTH123  # no need of a Path
                if mark in file.read().split(b"\0"):
                    os.kill(int(entry), signal.SIGKILL)
                    count += 1
        except OSError:
            continue
    return count
