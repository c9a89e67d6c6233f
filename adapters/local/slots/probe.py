"""Finds out which protections really hold here, by trying what they forbid."""

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass
from pathlib import Path

from adapters.local.slots.log import log
from adapters.local.slots.session import Host, Session, Spec
from adapters.local.slots.settings import MEGABYTE, Limits

SCRIPT = Path(__file__).with_name("probe_inside.py")
SECONDS = 15.0
LIMITS = Limits(memory_bytes=96 * MEGABYTE, disk_bytes=8 * MEGABYTE, inodes=500, pids=24, cpus=0.5)


@dataclass(frozen=True, slots=True)
class Finding:
    """The protections that hold, and what was printed when the sandbox did not even start."""

    protections: frozenset[str]
    fault: str = ""


async def probe(host: Host, uid: int | None) -> Finding:
    """Runs the attempts once in a sandbox like a build's; takes about a second."""
    if not host.tools.bwrap:
        return Finding(frozenset(), "bubblewrap (bwrap) is not installed")
    if uid is not None and not host.tools.setpriv:
        return Finding(frozenset(), "setpriv (util-linux) is not installed")
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as decoy:
        env = {"PROBE_PORT": str(decoy.getsockname()[1])}
        try:
            tail, oom_kills = await _attempts(host, uid, env)
        except OSError as fault:
            return Finding(frozenset(), str(fault))
    try:
        seen = json.loads(tail.splitlines()[0])
    except (ValueError, IndexError):
        return Finding(frozenset(), tail.strip()[-300:] or "the sandbox printed nothing")
    held = {name for name, value in seen["held"].items() if value}
    if oom_kills:
        held.add("memory")
    if "cpu" not in host.tree.roots:
        held.discard("cpu")
    if uid is not None and seen["uid"] == uid:
        held.add("own_uid")
    return Finding(frozenset(held))


async def _attempts(host: Host, uid: int | None, env: dict[str, str]) -> tuple[str, int]:
    program = host.yard.folder / "probe.py"
    program.write_bytes(SCRIPT.read_bytes())
    program.chmod(0o644)
    session = Session(host, Spec("probe", uid, LIMITS, env, program=program), None)
    kills = 0
    try:
        await session.start()
        await asyncio.wait({session.ended}, timeout=SECONDS)
        kills = session.sample().oom_kills
    finally:
        seconds = await session.clean()
    log("probed", clean_ms=round(seconds * 1000, 1))
    return session.tail.decode(errors="replace"), kills
