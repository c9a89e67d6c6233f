"""`down`, `status`, `reset`: commands about an embedded cloud that runs or ran."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
from typing import Any

from adapters.local import system
from adapters.local.lock import HomeLock, holder
from adapters.local.settings import Installation, Refusal
from adapters.local.supervisor import clean_leftovers

STOP_SECONDS = 10


def down(installation: Installation) -> int:
    """Stop it and wait until it is gone; harmless when nothing runs."""
    pid = holder(installation.home)
    if pid is None:
        print("CloudDeck is not running.")
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while holder(installation.home) == pid:
        if time.monotonic() > deadline:
            raise Refusal(f"The supervisor (pid {pid}) did not stop within {STOP_SECONDS} s.")
        time.sleep(0.02)
    print("CloudDeck has stopped.")
    return 0


def status(installation: Installation) -> dict[str, Any]:
    """What runs now, with pids, states, restarts and memory."""
    pid = holder(installation.home)
    document: dict[str, Any] = {"running": pid is not None, "ready": False, "pid": pid}
    document |= {"home": str(installation.home), "processes": {}}
    if pid is None:
        return document
    with contextlib.suppress(OSError, ValueError):
        cloud = json.loads(installation.run("cloud.json").read_text())
        document |= {key: cloud[key] for key in ("api", "edge", "ports", "ready_ms")}
        document["ready"] = cloud["pid"] == pid
    with contextlib.suppress(OSError, ValueError):
        document["processes"] = json.loads(installation.run("processes.json").read_text())
    for row in document["processes"].values():
        row["memory_bytes"] = system.memory(row["pid"]) if row["pid"] else 0
    document["memory_bytes"] = system.memory(pid)
    return document


def print_status(document: dict[str, Any]) -> int:
    """The status for people; exit code 0 only when everything is ready."""
    if not document["running"]:
        print(f"CloudDeck is not running on {document['home']}.")
        return 1
    megabytes = document["memory_bytes"] / 1e6
    print(f"CloudDeck runs on {document['home']} (pid {document['pid']}, {megabytes:.0f} MB)")
    for name, row in document["processes"].items():
        restarts = f", {row['restarts']} restarts" if row["restarts"] else ""
        size = f"{row['memory_bytes'] / 1e6:.0f} MB"
        print(f"  {name:<10} {row['state']:<9} port {row['port']}  {size}{restarts}")
    states = [row["state"] for row in document["processes"].values()]
    return 0 if document["ready"] and all(state == "ready" for state in states) else 1


def reset(installation: Installation, sure: bool) -> int:
    """Delete everything in the home folder; refuses while it runs."""
    if not (installation.home / "format").exists():
        print(f"There is nothing in {installation.home}.")
        return 0
    if not sure:
        if not sys.stdin.isatty():
            raise Refusal("This deletes every project. Repeat with --yes.")
        if input(f"Delete every project in {installation.home}? Type yes: ").strip() != "yes":
            return 1
    lock = HomeLock(installation.home)
    lock.take()
    clean_leftovers(installation)
    shutil.rmtree(installation.home)
    lock.release()
    print(f"Deleted {installation.home}.")
    return 0
