"""Runs inside a sandbox and tries what must fail; prints one JSON line, then asks for memory."""

import ctypes
import errno
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

HUNGRY_BYTES = 192 * 1024 * 1024
SPIN_SECONDS = 0.3


def refused(attempt: Callable[[], object], *errors: int) -> bool:
    """Whether an attempt ends in an OSError (one of `errors`, if any are named)."""
    try:
        attempt()
    except OSError as fault:
        return not errors or fault.errno in errors
    return False


def network_is_off() -> bool:
    """No interface but the own loopback, and neither the host nor a metadata service answers."""
    targets = (("127.0.0.1", int(os.environ["PROBE_PORT"])), ("169.254.169.254", 80))
    return {name for _, name in socket.if_nameindex()} <= {"lo"} and all(
        refused(partial(socket.create_connection, target, 0.5)) for target in targets
    )


def root_is_read_only() -> bool:
    """Nothing outside the workspace takes a file."""
    folders = ("/", "/usr", "/etc", "/dev", "/opt", "/run", "/usr/local/lib")
    return all(refused(partial(Path(folder, ".probe").write_bytes, b"x")) for folder in folders)


def filter_is_on() -> bool:
    """Namespaces, io_uring and sockets to the hypervisor are refused by the filter."""
    libc = ctypes.CDLL(None, use_errno=True)
    calls = {"unshare": libc.unshare(0x10000000), "io_uring_setup": libc.syscall(425, 1, None)}
    return (
        "Seccomp:\t2" in Path("/proc/self/status").read_text()
        and set(calls.values()) == {-1}
        and ctypes.get_errno() == errno.EPERM
        and refused(lambda: socket.socket(40, socket.SOCK_STREAM), errno.EAFNOSUPPORT)
    )


def privileges_are_gone() -> bool:
    """No capability now, and no program can give one back."""
    status = Path("/proc/self/status").read_text()
    return "NoNewPrivs:\t1" in status and "CapEff:\t0000000000000000" in status


def alone() -> bool:
    """Only this sandbox's own processes can be seen."""
    return len([name for name in os.listdir("/proc") if name.isdigit()]) <= 4  # noqa: PTH208  # names are enough


def processes_are_counted() -> bool:
    """A fork is refused before the sixty-fourth."""
    children: list[int] = []
    try:
        while len(children) < 64:
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError:
        return True
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return False


def disk_is_capped() -> bool:
    """The workspace ends long before 64 MiB."""
    path = Path(os.environ["CLOUDDECK_WORKSPACE"], "fill")
    try:
        with path.open("wb") as file:
            for _ in range(64):
                file.write(bytes(1024 * 1024))
                file.flush()
    except OSError as fault:
        return fault.errno in {errno.ENOSPC, errno.EDQUOT}
    finally:
        path.unlink(missing_ok=True)
    return False


def cpu_is_capped() -> bool:
    """Spinning gets clearly less than a core."""
    begun, used = time.monotonic(), time.process_time()
    while time.monotonic() - begun < SPIN_SECONDS:
        pass
    return time.process_time() - used < 0.8 * SPIN_SECONDS


def main() -> None:
    """Tries everything; the memory attempt comes last, it may take this process with it."""
    attempts = {
        "net_off": network_is_off,
        "pid_ns": alone,
        "read_only_root": root_is_read_only,
        "no_new_privs": privileges_are_gone,
        "seccomp": filter_is_on,
        "pids": processes_are_counted,
        "disk": disk_is_capped,
        "cpu": cpu_is_capped,
    }
    held: dict[str, bool] = {}
    for name, attempt in attempts.items():
        try:
            held[name] = attempt()
        except (OSError, AttributeError):
            held[name] = False
    print(json.dumps({"uid": os.getuid(), "held": held}), flush=True)
    child = os.fork()
    if child == 0:
        hungry = bytearray(HUNGRY_BYTES)
        hungry[::4096] = b"x" * len(hungry[::4096])
        os._exit(0)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()
