"""How a build may start and why it ended: pure decisions and the sentences people read."""

import signal
from dataclasses import dataclass

from adapters.local.slots.cgroups import Sample
from adapters.local.slots.report import Failure
from adapters.local.slots.settings import MEGABYTE, Limits

PROTECTIONS = (
    "net_off", "pid_ns", "read_only_root", "no_new_privs", "seccomp", "memory", "pids", "cpu",
    "disk", "own_uid",
)  # fmt: skip
SANDBOX = frozenset({"net_off", "pid_ns", "read_only_root"})
REQUIRED = SANDBOX | {"no_new_privs", "seccomp", "memory", "pids"}
FORK_PATIENCE_SECONDS = 5.0
LAUNCH_FAILED = 97


@dataclass(frozen=True, slots=True)
class Start:
    """Whether a build runs in a sandbox; with a refusal it does not run at all."""

    sandboxed: bool
    refusal: Failure | None = None


def choose(isolation: str, *, trusted: bool, protections: frozenset[str]) -> Start:
    """How to start a build given the setting and what the probe found."""
    if isolation == "none":
        return Start(sandboxed=False)
    if protections >= REQUIRED or (trusted and isolation == "auto" and protections >= SANDBOX):
        return Start(sandboxed=True)
    if trusted and isolation == "auto":
        return Start(sandboxed=False)
    missing = ", ".join(sorted(REQUIRED - protections))
    kind = "trusted" if trusted else "untrusted"
    message = f"This machine cannot isolate {kind} builds: {missing} not in force."
    hint = (
        "Install bubblewrap and run as root on a kernel with control groups, "
        "or set CLOUDDECK_BUILD_ISOLATION=none to run every build without a sandbox."
    )
    return Start(sandboxed=False, refusal=Failure("internal", message, hint))


class Watch:
    """Looks at samples of a running build and says when a limit is broken."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._refused = 0
        self._since: float | None = None
        self._last = 0.0

    def breach(self, sample: Sample, now: float) -> Failure | None:
        """The failure to end the build with, or None; `now` in seconds, rising."""
        if sample.oom_kills or sample.private_bytes > self._limits.memory_bytes:
            return out_of_memory(self._limits)
        if sample.refused_forks > self._refused:
            self._refused = sample.refused_forks
            self._since = now if self._since is None else self._since
            self._last = now
            if now - self._since >= FORK_PATIENCE_SECONDS:
                return too_many_processes(self._limits)
        elif now - self._last > 1.0:
            self._since = None
        return None


def explain(
    status: int, sample: Sample, limits: Limits, *, disk_full: bool, tail: str
) -> Failure | None:
    """Why a process that ended by itself did so; None when it reported its outcome (status 0)."""
    if status == 0:
        return None
    if sample.oom_kills:
        return out_of_memory(limits, status)
    if disk_full:
        return Failure(
            "disk_full",
            f"The build filled its disk ({limits.disk_bytes // MEGABYTE} MB).",
            "Write less, choose a larger size, or raise CLOUDDECK_BUILD_DISK_MB.",
            status,
        )
    if sample.refused_forks:
        return too_many_processes(limits, status)
    return _other_end(status, tail)


def out_of_memory(limits: Limits, status: int | None = None) -> Failure:
    """The build wanted more memory than it may have."""
    return Failure(
        "oom",
        f"The build ran out of memory ({limits.memory_bytes // MEGABYTE} MB).",
        "Use less memory, choose a larger size, or raise CLOUDDECK_BUILD_MEMORY_MB.",
        status,
    )


def too_many_processes(limits: Limits, status: int | None = None) -> Failure:
    """The build wanted more processes than it may have."""
    return Failure(
        "pids_limit",
        f"The build started more processes and threads than allowed ({limits.pids}).",
        "Start fewer workers, or raise CLOUDDECK_BUILD_PIDS.",
        status,
    )


def timed_out(seconds: int, sample: Sample, limits: Limits) -> Failure:
    """The build used up its time; one that was refused processes before hangs because of that."""
    if sample.refused_forks:
        return too_many_processes(limits)
    return Failure(
        "timeout",
        f"The build was stopped after {seconds} seconds.",
        "Look for a command that waits or watches for changes; otherwise raise "
        "CLOUDDECK_BUILD_SECONDS.",
    )


def lost() -> Failure:
    """The slots process ends before the build does."""
    return Failure(
        "runner_lost", "The build slot was shut down while the build was in it.", "Deploy again."
    )


def _other_end(status: int, tail: str) -> Failure:
    """The ends that no limit explains."""
    text = tail.strip()[-300:]
    if status == LAUNCH_FAILED or tail.startswith("bwrap: "):
        return Failure(
            "internal",
            f"The sandbox could not be started: {text or 'control groups refused'}",
            "Look at the log of the slots process.",
            status,
        )
    number = -status if status < 0 else status - 128 if status > 128 else 0
    if number:
        names = {s.value: s.name for s in signal.Signals}
        name = names.get(number, f"signal {number}")
        return Failure("runner_lost", f"The build process was ended by {name}.", "", status)
    message = f"The build agent ended with status {status} and without a report."
    return Failure("internal", message, text, status)
