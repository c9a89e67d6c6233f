"""`up`: take the folder, start everything, say where it is; `--detach` leaves it running."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable

from adapters.local import bootstrap
from adapters.local.lock import HomeLock
from adapters.local.settings import Installation, Refusal, write_atomically
from adapters.local.supervisor import Supervisor, check_ports, clean_leftovers, rotate


def up(installation: Installation, detach: bool, without: frozenset[str] = frozenset()) -> int:
    """Run the embedded cloud in the foreground, or start it and return when it is ready."""
    installation.prepare()
    if not detach:
        return _serve(installation, without, lambda ms: print(table(installation, ms), flush=True))
    return _detached(installation, without)


def _serve(
    installation: Installation, without: frozenset[str], on_ready: Callable[[int], None]
) -> int:
    lock = HomeLock(installation.home)
    lock.take()
    try:
        clean_leftovers(installation)
        shutil.rmtree(installation.home / "tmp", ignore_errors=True)
        (installation.home / "tmp").mkdir(exist_ok=True)
        check_ports(installation, without)
        write_atomically(installation.home / "port", f"{installation.port}\n")
        _write_tables(installation)
        for part in (*installation.ports, "bootstrap", "functions"):
            rotate(installation.log(part))
        Supervisor(installation, without, on_ready).run()
    finally:
        lock.release()
    return 0


def _write_tables(installation: Installation) -> None:
    """Tell the database which tables to make."""
    os.environ.update(installation.product_environment())
    write_atomically(installation.run("tables.json"), json.dumps(bootstrap.tables()))


def _detached(installation: Installation, without: frozenset[str]) -> int:
    """Start a process that outlives this terminal and wait for its word."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(read)
        os.setsid()
        if os.fork() > 0:
            os._exit(0)
        os._exit(_daemon(installation, without, write))
    os.close(write)
    with os.fdopen(read) as pipe:
        word, _, detail = pipe.read().partition(" ")
    if word == "ready":
        print(table(installation, int(detail)))
        return 0
    log = installation.log("supervisor")
    raise Refusal(detail.strip() or f"The supervisor ended before it was ready. See {log}.")


def _daemon(installation: Installation, without: frozenset[str], report: int) -> int:
    rotate(installation.log("supervisor"))
    log = os.open(installation.log("supervisor"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    sys.stdout.flush()
    for descriptor, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, target)

    def tell(text: str) -> None:
        os.write(report, text.encode())
        os.close(report)

    try:
        return _serve(installation, without, lambda ms: tell(f"ready {ms}"))
    except Refusal as refusal:
        tell(f"refused {refusal}")
        return refusal.exit_code
    except BaseException:
        import traceback

        traceback.print_exc()
        return 1


def table(installation: Installation, milliseconds: int) -> str:
    """What a person wants to know when it is running."""
    rows = (
        ("API", f"{installation.api_url}/v1"),
        ("Git", f"{installation.api_url}/git/<project>.git"),
        ("Sites", f"http://<project>.localhost:{installation.ports['edge']}"),
        ("TLS", f"https://<project>.localhost:{installation.https_port}"),
        ("Data", str(installation.home)),
    )
    lines = [f"CloudDeck is ready after {milliseconds / 1000:.1f} s", ""]
    lines += [f"  {name:<6} {value}" for name, value in rows]
    return "\n".join([*lines, "", "  Stop with Ctrl-C, or: python -m adapters.local down"])
