"""Suite `api`: the API under a mix of calls, open loop, beside the bare framework.

The load arrives at a fixed rate over fifty connections, whether or not answers come back, and a
call's time begins when it should have been sent: waiting in a queue counts. The peer is a Chalice
app that answers a constant, behind the same adapter and server.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from bench import table
from bench.cloud import PYTHON, ROOT, Cloud, free_base

CONNECTIONS = 50
SECONDS = 10.0
RATE = 60.0

_PEER = """
import uvicorn
from chalice import Chalice
from adapters.http import Rest
app = Chalice("peer")
@app.route("/v1/health")
def health():
    return {"status": "ok"}
uvicorn.run(Rest(app), host="127.0.0.1", port=PORT, log_level="critical", lifespan="off")
"""


def run() -> list[table.Row]:
    """Every row of the suite."""
    with Cloud() as cloud:
        paths = _mix(cloud)
        steady = asyncio.run(_open_loop(cloud.port, paths, cloud.token))
        full = asyncio.run(_closed_loop(cloud.port, paths, cloud.token))
        health = asyncio.run(_closed_loop(cloud.port, ["/v1/health"], ""))
    peer = _peer()
    cuts = statistics.quantiles(steady, n=100)
    return [
        table.below(f"p50 at {RATE:g}/s over {CONNECTIONS} connections", cuts[49], "ms", 8),
        table.below(f"p95 at {RATE:g}/s", cuts[94], "ms", 25),
        table.below(f"p99 at {RATE:g}/s", cuts[98], "ms", 60),
        table.fact("authenticated reads, as fast as it goes", full, "req/s"),
        table.higher("GET /v1/health beside the bare framework", health, peer, "req/s", 0.5),
    ]


def _mix(cloud: Cloud) -> list[str]:
    project = cloud.call("POST", "/projects", {"name": "api bench"})
    cloud.call("PUT", f"/projects/{project['id']}/env/A", {"value": "b"})
    return [
        "/v1/me",
        "/v1/projects",
        f"/v1/projects/{project['id']}",
        f"/v1/projects/{project['id']}/deployments",
        f"/v1/projects/{project['id']}/pointer",
        f"/v1/projects/{project['id']}/env",
    ]


async def _call(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, token: str
) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        sys.exit(f"{path}: {answer[:200]!r}")
    length = next(
        int(line.split(b":")[1])
        for line in answer.lower().split(b"\r\n")
        if line.startswith(b"content-length")
    )
    await reader.readexactly(length)


async def _open_loop(port: int, paths: list[str], token: str) -> list[float]:
    found: list[float] = []
    pool: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        pool.put_nowait(await asyncio.open_connection("127.0.0.1", port))

    async def one(path: str, due: float, count: bool) -> None:
        streams = await pool.get()
        await _call(*streams, path, token)
        pool.put_nowait(streams)
        if count:
            found.append((time.monotonic() - due) * 1000)

    tasks = []
    started = time.monotonic()
    for number, path in zip(range(int(RATE * (SECONDS + 2))), itertools.cycle(paths), strict=False):
        due = started + number / RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(one(path, due, number > RATE * 2)))
    await asyncio.gather(*tasks)
    return found


async def _closed_loop(port: int, paths: list[str], token: str, seconds: float = 4.0) -> float:
    count = 0
    deadline = time.monotonic() + seconds

    async def client() -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in itertools.cycle(paths):
            await _call(reader, writer, path, token)
            count += 1
            if time.monotonic() > deadline:
                break
        writer.close()

    started = time.monotonic()
    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return count / (time.monotonic() - started)


def _peer() -> float:
    port = free_base()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "peer.py"
        script.write_text(textwrap.dedent(_PEER).replace("PORT", str(port)))
        process = subprocess.Popen(
            [str(PYTHON), str(script)], env={"PYTHONPATH": str(ROOT), "AWS_REGION": "us-east-1"}
        )
        try:
            for _ in range(200):
                try:
                    asyncio.run(_closed_loop(port, ["/v1/health"], "", 0.1))
                    break
                except OSError:
                    time.sleep(0.05)
            return asyncio.run(_closed_loop(port, ["/v1/health"], ""))
        finally:
            process.terminate()
            process.wait()
