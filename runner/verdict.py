"""Says in words why a command did not end well, and what to do about it."""

import signal

from runner.errors import Failure

NO_SPACE = ("ENOSPC", "No space left on device", "Disk quota exceeded")
NO_MEMORY = ("JavaScript heap out of memory", "\nMemoryError", "Cannot allocate memory")
NO_PROCESSES = (
    "fork: retry",
    "Cannot fork",
    "can't fork",
    "can't start new thread",
    "pthread_create: Resource temporarily unavailable",
    "spawn EAGAIN",
)
KILLED = 137


def of(name: str, stage: str, code: int, tail: list[str]) -> Failure:
    """The failure behind an exit code; negative codes are signals."""
    status = code if code > 0 else 128 - code
    text = "\n".join(line for line in tail if "file watchers" not in line)  # ENOSPC, but no disk
    what = f"{name} command" if name in ("install", "build") else f"step {name!r}"
    if any(sign in text for sign in NO_SPACE):
        message = f"The {what} ran out of disk space (exit code {status})."
        hint = "Write fewer or smaller files; large media belong in an object store."
        return Failure("disk_full", message, hint, exit_code=status)
    if status == KILLED or any(sign in text for sign in NO_MEMORY):
        return _memory(what, status)
    if any(sign in text for sign in NO_PROCESSES):
        message = f"The {what} started too many processes at once (exit code {status})."
        hint = "Lower the number of parallel workers."
        return Failure("pids_limit", message, hint, exit_code=status)
    message = f"The {what} ended with exit code {status}{_signal(status - 128)}."
    return failed(stage, message, _hint(stage, status), status)


def failed(stage: str, message: str, hint: str, exit_code: int | None = None) -> Failure:
    """The failure of a step, by the stage that it is of."""
    match stage:
        case "install":
            return Failure("install_failed", message, hint, exit_code=exit_code)
        case "check":
            return Failure("check_failed", message, hint, exit_code=exit_code)
        case _:
            return Failure("build_failed", message, hint, exit_code=exit_code)


def timeout() -> Failure:
    """The build used up its time."""
    return Failure(
        "timeout",
        "The build did not finish in the time it was given, and was stopped.",
        "Look for a command that waits or watches for changes; otherwise raise the time limit.",
    )


def log_limit(size: int) -> Failure:
    """The build printed more than is kept."""
    return Failure(
        "log_limit",
        f"The build printed more than the {size / 1024**2:,.1f} MiB of log it may have.",
        "Make the command print less, for example without --verbose.",
    )


def disk_full() -> Failure:
    """The workspace has no room left."""
    return Failure(
        "disk_full",
        "The build's disk is full.",
        "Write fewer or smaller files; large media belong in an object store.",
    )


def _memory(what: str, status: int) -> Failure:
    return Failure(
        "oom",
        f"The {what} was killed, most likely because memory ran out (exit code {status}).",
        "Lower NODE_OPTIONS=--max-old-space-size or the number of workers, or allow more memory.",
        exit_code=status,
    )


def _hint(stage: str, status: int) -> str:
    if status == 127:
        return "A program was not found: add it to the dependencies, or correct the command."
    if status == 126:
        return "A program may not be executed: commit it with its executable bit set."
    if stage == "install":
        return "Run the same command in a fresh clone, and commit the lock file it leaves."
    return "The reason is in the lines above; run the same command in a fresh clone to see it."


def _signal(number: int) -> str:
    try:
        return f" ({signal.Signals(number).name})"
    except ValueError:
        return ""
