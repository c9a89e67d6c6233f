"""Starts the programs, restarts what dies, stops them in order. Standard library, one thread.

Children are started from the main thread of a process that lives as long as they shall, because
Linux ties "die with your parent" to the thread that forked.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from adapters.local import system
from adapters.local.processes import Process, bootstrap, processes
from adapters.local.settings import Installation, Refusal, write_atomically

MARK = "CLOUDDECK_SUPERVISED"
"""Environment variable by which the next start recognises what the last one left behind."""

FIRST_DELAY, LONGEST_DELAY, SETTLED_AFTER = 0.1, 5.0, 30.0
START_SECONDS = 60.0
START_ATTEMPTS = 5
STOP_SECONDS = 4.0
LOG_BYTES = 10 * 1024 * 1024


@dataclass
class Child:
    """A program and how it is doing."""

    process: Process
    running: subprocess.Popen[bytes] | None = None
    ready: bool = False
    restarts: int = 0
    delay: float = 0.0
    start_at: float = 0.0
    born: float = 0.0

    def describe(self) -> dict[str, Any]:
        """The row of this program in `run/processes.json`."""
        pid = self.running.pid if self.running else None
        return {
            "pid": pid,
            "started": system.started(pid) if pid else None,
            "state": "ready" if self.ready else "starting" if pid else "waiting",
            "restarts": self.restarts,
            "port": self.process.port,
        }


class Supervisor:
    """Runs one installation until it is told to stop."""

    def __init__(
        self,
        installation: Installation,
        without: frozenset[str] = frozenset(),
        on_ready: Callable[[int], None] = lambda _milliseconds: None,
    ) -> None:
        self.installation = installation
        self._on_ready = on_ready
        self._children = [
            Child(process) for process in processes(installation) if process.name not in without
        ]
        self._errand = Child(bootstrap(installation))
        self._registered = False
        self._announced = False
        self._stopping = False
        self._prepare = system.dying_with_parent()
        self._began = time.monotonic()

    def run(self) -> None:
        """Start everything, keep it alive, and stop it at SIGTERM or SIGINT."""
        wake = self._listen_to_signals()
        self._began = time.monotonic()
        try:
            while not self._stopping:
                self._step()
                self._sleep(wake)
        finally:
            self._stop()

    def _listen_to_signals(self) -> int:
        read, write = os.pipe()
        os.set_blocking(read, False)
        os.set_blocking(write, False)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_stop_signal)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        return read

    def _on_stop_signal(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _sleep(self, wake: int) -> None:
        busy = not self._registered or any(not child.ready for child in self._children)
        watched = [wake]
        if self._errand.running and self._errand.running.stdout and not self._registered:
            watched.append(self._errand.running.stdout.fileno())
        seen, _, _ = select.select(watched, [], [], 0.02 if busy else 1.0)
        if wake in seen:
            with contextlib.suppress(BlockingIOError):
                os.read(wake, 4096)

    def _step(self) -> None:
        """One look at everything: bury the dead, start the absent, ask the starting."""
        before = self._picture()
        now = time.monotonic()
        for child in self._children:
            self._care_for(child, now)
        self._care_for_errand(now)
        everything = self._registered and all(child.ready for child in self._children)
        if everything and not self._announced:
            self._announce()
        elif not self._announced:
            self._give_up_if_hopeless(now)
        if self._picture() != before:
            self._write_picture()

    def _give_up_if_hopeless(self, now: float) -> None:
        """At the first start a program that keeps ending is a mistake to show, not to hide."""
        everyone = [*self._children, self._errand]
        missing = [c.process.name for c in everyone if c.restarts >= START_ATTEMPTS]
        if not missing and now - self._began > START_SECONDS:
            missing = [c.process.name for c in self._children if not c.ready] or ["bootstrap"]
        if missing:
            log = self.installation.log(missing[0])
            raise Refusal(f"{missing[0]} does not start: {last_line(log)} (see {log})")

    def _care_for(self, child: Child, now: float) -> None:
        if child.running is not None and child.running.poll() is not None:
            self._bury(child, now)
            if child.process.name == "ministack":
                self._registered = False
        if child.running is None and now >= child.start_at:
            self._start(child, now)
        elif child.running is not None and not child.ready:
            child.ready = _is_ready(child.process)
        if child.ready and now - child.born > SETTLED_AFTER:
            child.delay = 0.0

    def _care_for_errand(self, now: float) -> None:
        """Registering runs beside MiniStack's start (it loads meanwhile) and after each of them."""
        errand = self._errand
        cloud = next((c for c in self._children if c.process.name == "ministack"), None)
        if cloud is None:
            self._registered = True
            return
        if errand.running is None:
            if not self._registered and cloud.running is not None and now >= errand.start_at:
                self._start(errand, now)
            return
        output = errand.running.stdout
        if output is not None and not self._registered and select.select([output], [], [], 0)[0]:
            self._registered = output.readline().strip() == b"ready"
        if errand.running.poll() is not None:
            failed = errand.running.returncode != 0
            self._bury(errand, now)
            if not failed:
                errand.delay, errand.start_at = 0.0, 0.0

    def _start(self, child: Child, now: float) -> None:
        process = child.process
        is_errand = child is self._errand
        if not is_errand and not system.port_free(process.port):
            child.start_at = now + LONGEST_DELAY / 10
            return
        with self.installation.log(process.name).open("ab") as log:
            try:
                child.running = self._spawn(process, subprocess.PIPE if is_errand else log, log)
            except OSError as error:
                log.write(f"cannot start {process.argv[0]}: {error.strerror}\n".encode())
                self._wait_longer(child, now)
                return
        child.born = now
        child.ready = False

    def _spawn(self, process: Process, output: Any, errors: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            process.argv,
            env={**process.environment, MARK: str(self.installation.home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            cwd=self.installation.home,
            process_group=0,
            preexec_fn=self._prepare,  # noqa: PLW1509  # one thread, and only prctl in it
        )

    def _bury(self, child: Child, now: float) -> None:
        if child.running is None:
            return
        system.signal_group(child.running.pid, signal.SIGKILL)
        if child.running.stdout is not None:
            child.running.stdout.close()
        child.running = None
        child.ready = False
        self._wait_longer(child, now)

    @staticmethod
    def _wait_longer(child: Child, now: float) -> None:
        child.restarts += 1
        child.delay = min(LONGEST_DELAY, max(FIRST_DELAY, child.delay * 2))
        child.start_at = now + child.delay

    def _announce(self) -> None:
        self._announced = True
        milliseconds = round((time.monotonic() - self._began) * 1000)
        installation = self.installation
        document = {
            "version": 1,
            "pid": os.getpid(),
            "api": installation.api_url,
            "edge": installation.edge_url,
            "https_port": installation.https_port,
            "ports": installation.ports,
            "ready_ms": milliseconds,
        }
        write_atomically(installation.run("cloud.json"), json.dumps(document, indent=1) + "\n")
        self._on_ready(milliseconds)

    def _picture(self) -> list[tuple[str, int | None, bool]]:
        return [
            (c.process.name, c.running.pid if c.running else None, c.ready) for c in self._children
        ]

    def _write_picture(self) -> None:
        rows = {child.process.name: child.describe() for child in self._children}
        write_atomically(self.installation.run("processes.json"), json.dumps(rows, indent=1) + "\n")

    def _stop(self) -> None:
        """Ask everyone at once except the data keepers, then those; insist after a while."""
        self.installation.run("cloud.json").unlink(missing_ok=True)
        deadline = time.monotonic() + STOP_SECONDS
        keepers = {"dynoxide", "ministack"}
        first = [c for c in self._children if c.process.name not in keepers]
        _end([self._errand, *first], min(deadline, time.monotonic() + STOP_SECONDS * 0.6))
        _end([c for c in self._children if c.process.name in keepers], deadline)
        self.installation.run("processes.json").unlink(missing_ok=True)


def _end(children: list[Child], deadline: float) -> None:
    running = [child.running for child in reversed(children) if child.running is not None]
    for one in running:
        with contextlib.suppress(ProcessLookupError):
            one.terminate()
    for one in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            one.wait(max(0.0, deadline - time.monotonic()))
        system.signal_group(one.pid, signal.SIGKILL)
        one.wait()


def _is_ready(process: Process) -> bool:
    if process.ready is None:
        return system.answers(process.port)
    connection = HTTPConnection("127.0.0.1", process.port, timeout=1)
    try:
        connection.request("GET", process.ready)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def check_ports(installation: Installation, without: frozenset[str]) -> None:
    """Raise Refusal, naming port and holder, when a port is taken."""
    for part, port in installation.ports.items():
        if part not in without and not system.port_free(port):
            pid = system.port_holder(port)
            by = f" by pid {pid}" if pid else ""
            raise Refusal(
                f"Port {port} ({part}) is in use{by}. Stop that program or choose with --port."
            )


def clean_leftovers(installation: Installation) -> int:
    """End what a killed supervisor of this very folder left behind; foreign pids are not touched.

    Call it with the lock held. Returns how many processes were ended.
    """
    ours = set(system.marked(MARK, str(installation.home)))
    with contextlib.suppress(OSError, ValueError):
        for row in json.loads(installation.run("processes.json").read_text()).values():
            if row["pid"] and row["started"] and system.started(row["pid"]) == row["started"]:
                ours.add(row["pid"])
    ours.discard(os.getpid())
    for pid in ours:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline and any(system.started(pid) for pid in ours):
        time.sleep(0.01)
    for name in ("cloud.json", "processes.json"):
        installation.run(name).unlink(missing_ok=True)
    return len(ours)


def rotate(log: Path) -> None:
    """Set a log aside when it has grown beyond 10 MB."""
    with contextlib.suppress(FileNotFoundError):
        if log.stat().st_size > LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


def last_line(log: Path) -> str:
    """The last thing a program said, shortened."""
    with contextlib.suppress(OSError):
        lines = log.read_text("utf-8", "replace")[-4096:].strip().splitlines()
        return lines[-1][:200] if lines else "it said nothing"
    return "it said nothing"
