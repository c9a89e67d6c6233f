"""`python -m adapters.local.slots`: one process, one loop, one thread that starts builds."""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from adapters.local.slots import cgroups, mounts, registries, report, seccomp, tools, workspace
from adapters.local.slots.egress_rules import Origin, Policy
from adapters.local.slots.endings import PROTECTIONS
from adapters.local.slots.log import log
from adapters.local.slots.pool import Pool
from adapters.local.slots.probe import probe
from adapters.local.slots.process import Children, kill_marked
from adapters.local.slots.runner_process import Order, Site, run
from adapters.local.slots.server import Control
from adapters.local.slots.session import MARK, Host
from adapters.local.slots.settings import Settings, SettingsError, read

REPOSITORY = Path(__file__).resolve().parents[3]
LOCK_SECONDS = 5.0
CLOSE_SECONDS = 1.5


def main() -> int:
    """Sets the house in order, then serves until SIGTERM; returns the exit status."""
    try:
        settings = read(os.environ)
        lock = _lock(settings.home / "run")
        can_mount = mounts.enter_private()
        yard = workspace.Yard(workspace.choose_folder(settings), can_mount=can_mount)
    except (SettingsError, OSError) as fault:
        log("cannot_start", detail=str(fault))
        return 2
    tree = cgroups.open_tree(settings.instance)

    def clear() -> None:
        for slot in range(settings.slots):
            kill_marked(MARK, str(yard.folder / f"slot-{slot}"))
        cgroups.sweep(tree)
        yard.sweep()

    def leave() -> None:
        clear()
        cgroups.close_tree(tree)
        yard.close()

    clear()
    yard.open()
    janitor = _janitor(leave)
    try:
        _runner(settings, yard)
        asyncio.run(_serve(settings, yard, tree, leave))
    except OSError as fault:
        log("cannot_serve", detail=str(fault))
        return 2
    finally:
        leave()
        os.close(janitor)
        os.close(lock)
    return 0


async def _serve(
    settings: Settings, yard: workspace.Yard, tree: cgroups.Tree, leave: Callable[[], None]
) -> None:
    """Probes, listens, and ends every build when told to go."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    known = registries.discover(settings.egress_allow)
    found = tools.find(yard.expose)
    host = Host(found, yard, tree, Children(), seccomp.program())
    finding = await probe(host, settings.uid(settings.slots) if yard.can_mount else None)
    missing = [name for name in PROTECTIONS if name not in finding.protections]
    log("protections", held=sorted(finding.protections), missing=missing, fault=finding.fault)
    policy = Policy(known.hosts, Origin.of(settings.api), Origin.of(settings.s3), settings.buckets)
    site = Site(settings, host, policy, known.env, finding.protections)

    async def start(order: Order, slot: int, ending: asyncio.Event) -> report.Failure | None:
        return await run(site, order, slot, ending)

    async def tell(order: Order, failure: report.Failure, patience: float) -> bool:
        return await report.send(settings.api, order.build, order.token, failure, patience)

    pool = Pool(settings.slots, start, tell)
    facts: dict[str, object] = {
        "protections": sorted(finding.protections),
        "missing": missing,
        "isolation": settings.isolation,
        "control_groups": tree.version,
        "allowed_hosts": sorted(known.hosts),
        "store_signatures": "checked" if settings.s3_keys else "not checked",
    }
    control = Control(pool, settings.secret, facts, settings.limits)
    server = await control.open(settings.port)
    log("ready", port=settings.port, slots=settings.slots)
    await stop.wait()
    server.close()
    await pool.close(CLOSE_SECONDS)
    leave()
    log("stopped")
    # A thread that still waits for an answer of a hung gateway must not hold up the exit.
    os._exit(0)


def _runner(settings: Settings, yard: workspace.Yard) -> None:
    """Packs the runner and puts it where builds can read it; raises OSError if there is none."""
    packed = settings.runner or settings.home / "run" / "runner.pyz"
    if settings.runner is None:
        fault = workspace.pack_runner(REPOSITORY, packed)
        if fault:
            log("runner_not_packed", detail=fault, using_former=packed.exists())
    workspace.place_runner(yard, packed)


def _lock(folder: Path) -> int:
    """Keeps a second slots process off this data folder; raises OSError naming the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "slots.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(descriptor)
                raise OSError(f"{path} is held by another slots process") from None
            time.sleep(0.05)


def _janitor(leave: Callable[[], None]) -> int:
    """Starts a small process that cleans up when this one is gone, by whatever death.

    It holds the lock until it is done. Returns the descriptor whose closing wakes it.
    """
    wake, held = os.pipe()
    if os.fork():
        os.close(wake)
        return held
    os.close(held)
    status = 1
    try:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        os.read(wake, 1)
        with contextlib.suppress(OSError):
            leave()
        status = 0
    finally:
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
