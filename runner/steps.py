"""Runs one command of the build and streams what it prints."""

import contextlib
import errno
import os
import select
import subprocess
import time
from collections import deque
from pathlib import Path
from typing import NamedTuple

from runner import reap, verdict
from runner.errors import BuildClosed, Failure
from runner.lines import Lines
from runner.logs import Log

READ = 64 * 1024
TICK = 0.1
LAST_WORDS = 2.0
MOST_OUTPUT = 4 * 1024**3  # read in all, the dropped parts of endless lines included
# The kernel should pick the build, not us, when memory runs out.
SHELL = '{ echo 800 > /proc/self/oom_score_adj; } 2>/dev/null; exec /bin/sh -c "$1"'


class Budget:
    """What is left of the build's time and log; shared by its commands."""

    def __init__(self, deadline: float, log_bytes: int) -> None:
        self.deadline = deadline  # on time.monotonic()
        self.log_bytes = log_bytes
        self.log_left = log_bytes
        self.output_left = MOST_OUTPUT


class Command(NamedTuple):
    """One shell command; `name` is that of its step, `stage` is "install", "check" or "build"."""

    name: str
    stage: str
    text: str
    folder: Path
    env: dict[str, str]


def run(command: Command, log: Log, budget: Budget) -> None:
    """Run it to its end and leave none of its processes behind.

    Raises Failure saying why when it did not end well, BuildClosed when it was no longer wanted.
    """
    log.write([f"$ {command.text}"], "command")
    stream = _Stream(log, budget)
    process = _start(command)
    try:
        _pump(process, stream, budget)
        left = reap.kill_all() if process.poll() is not None else 0
        stream.drain(process)
    except BaseException as stop:
        reap.kill_group(process.pid)
        reap.kill_all()
        if isinstance(stop, Failure):
            with contextlib.suppress(Failure):
                stream.drain(process)
        raise
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    if left:
        log.info(f"Ended {left} process{'es' if left > 1 else ''} the command left running")
    if process.returncode:
        raise verdict.of(command.name, command.stage, process.returncode, list(stream.tail))


def _start(command: Command) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            ["/bin/sh", "-c", SHELL, "sh", command.text],
            cwd=command.folder,
            env=command.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        if error.errno == errno.E2BIG:
            hint = "Shorten the environment variables of the project."
            message = "The environment is too large."
            raise verdict.failed(command.stage, message, hint) from error
        raise Failure("internal", f"The shell could not be started: {error}.") from error


def _pump(process: "subprocess.Popen[bytes]", stream: "_Stream", budget: Budget) -> None:
    """Read until the command ended, looking up ten times a second."""
    assert process.stdout is not None
    fd = process.stdout.fileno()
    os.set_blocking(fd, False)
    poller = select.poll()
    poller.register(fd, select.POLLIN | select.POLLHUP)
    looked = time.monotonic()
    open_end = True
    while True:
        if open_end and poller.poll(TICK * 1000):
            open_end = stream.read(fd)
        elif not open_end and _ended(process, TICK / 4):
            return
        now = time.monotonic()
        if now - looked < TICK:
            continue
        looked = now
        if stream.log_closed():
            raise BuildClosed
        if now > budget.deadline:
            raise verdict.timeout()
        reap.collect(spare=process.pid)
        if process.poll() is not None:  # a daemon may hold the pipe open for ever
            return


def _ended(process: "subprocess.Popen[bytes]", patience: float) -> bool:
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        return False
    return True


class _Stream:
    """From bytes to log lines, within the budget; remembers the last lines."""

    def __init__(self, log: Log, budget: Budget) -> None:
        self._log = log
        self._budget = budget
        self._lines = Lines(spare=log.mask.longest)
        self.tail: deque[str] = deque(maxlen=80)

    def read(self, fd: int) -> bool:
        """Take what is there; False at the end. Raises Failure when the budget is used up."""
        try:
            chunk = os.read(fd, READ)
        except BlockingIOError:
            return True
        self._write(self._lines.feed(chunk))
        self._budget.output_left -= len(chunk)
        if self._budget.output_left < 0:
            raise verdict.log_limit(MOST_OUTPUT)
        return bool(chunk)

    def drain(self, process: "subprocess.Popen[bytes]") -> None:
        """Take the last words of a command whose processes are gone."""
        assert process.stdout is not None
        end = time.monotonic() + LAST_WORDS
        fd = process.stdout.fileno()
        if self._budget.log_left < 0 or self._budget.output_left < 0:
            return
        while time.monotonic() < end and select.select([fd], [], [], 0)[0] and self.read(fd):
            pass
        self._write(self._lines.end())

    def log_closed(self) -> bool:
        """Whether nobody waits for this build any more."""
        return self._log.closed

    def _write(self, raw: list[bytes]) -> None:
        for at in range(0, len(raw), 500):
            texts = [line.decode("utf-8", "replace") for line in raw[at : at + 500]]
            self.tail.extend(texts[-80:])
            self._budget.log_left -= self._log.write(texts, "info")
            if self._budget.log_left < 0:
                raise verdict.log_limit(self._budget.log_bytes)
