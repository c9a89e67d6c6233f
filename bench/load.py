"""Programs that ask for pages as fast as they are answered: wrk, h2load, or our own client."""

import asyncio
import random
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

CONNECTIONS = 64
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}
_FINE = {b"200", b"301", b"304"}


@dataclass
class Load:
    """What one run asks for, of whom. `tls` is the version of HTTP that is spoken over it."""

    port: int
    path: str
    hosts: list[str]
    headers: dict[str, str] = field(default_factory=dict)
    tls: Literal["", "h1", "h2"] = ""


@dataclass
class Speed:
    """Requests per second, and how long half and 99 of 100 of them took at most, in ms.

    `asked` is how many there were altogether, those that were not measured among them.
    """

    rate: float
    p50: float
    p99: float
    asked: int


def say_what_is_missing() -> None:
    """Which programs are not installed, and what that means."""
    if shutil.which("wrk") is None:
        print("wrk is not installed: our own, slower client drives both", file=sys.stderr)
    if shutil.which("h2load") is None:
        print("h2load (nghttp2-client) is not installed: no figures of HTTPS", file=sys.stderr)


def drive(load: Load, seconds: float, folder: Path) -> Speed:
    """Ask over 64 connections for a while; `folder` holds what the programs need."""
    if load.tls:
        return _h2load(load, seconds, folder)
    if shutil.which("wrk") is None:
        return asyncio.run(_own_client(load, seconds))
    return _wrk(load, seconds, folder)


def _wrk(load: Load, seconds: float, folder: Path) -> Speed:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency"]
    for name, value in load.headers.items():
        command += ["-H", f"{name}: {value}"]
    if len(load.hosts) > 1:
        command += ["-s", _many_hosts(folder, load)]
    else:
        command += ["-H", f"Host: {load.hosts[0]}"]
    command.append(f"http://127.0.0.1:{load.port}{load.path}")
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"errors under load at {load.path}:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", out).group(1))
    waits = {
        share: float(value) * _UNITS[unit]
        for share, value, unit in re.findall(r"(50|99)%\s+([0-9.]+)(us|ms|s|m)", out)
    }
    asked = int(re.search(r"(\d+) requests in", out).group(1))
    return Speed(rate, waits["50"], waits["99"], asked)


def _h2load(load: Load, seconds: float, folder: Path) -> Speed:
    """A number of requests that takes about as long: told a time instead, h2load 1.52 breaks off
    answers that are under way, and then may not end.
    """
    rough = _count(load, CONNECTIONS * 10, folder)
    speed = _count(load, max(CONNECTIONS * 10, int(rough.rate * seconds)), folder)
    speed.asked += rough.asked
    return speed


def _count(load: Load, requests: int, folder: Path) -> Speed:
    """So many requests, from the first that was sent to the last that was answered."""
    log = folder / "h2load.log"
    log.unlink(missing_ok=True)
    command = ["h2load", "-t1", f"-c{CONNECTIONS}", "-m1", f"-n{requests}", f"--log-file={log}"]
    command += ["--h1"] if load.tls == "h1" else []
    for name, value in load.headers.items():
        command += ["-H", f"{name}: {value}"]
    command += [f"--connect-to=127.0.0.1:{load.port}"]
    command += [f"https://{load.hosts[0]}:{load.port}{load.path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
    fine = [line for line in lines if line[1].encode() in _FINE]
    if done.returncode or len(fine) < requests:
        raise SystemExit(f"errors under load at {load.path}:\n{done.stdout}{done.stderr}")
    starts = [int(line[0]) for line in fine]
    ends = [start + int(line[2]) for start, line in zip(starts, fine, strict=True)]
    waits = sorted(int(line[2]) / 1000 for line in fine)
    return Speed(len(fine) / (max(ends) - min(starts)) * 1e6, *_shares(waits), len(fine))


def _many_hosts(folder: Path, load: Load) -> str:
    """A wrk script that asks for a page of a random site."""
    script = folder / f"hosts-{load.port}-{len(load.hosts)}.lua"
    hosts = ",".join(f'"{host}"' for host in load.hosts)
    script.write_text(
        f"local hosts, r = {{{hosts}}}, {{}}\n"
        "init = function() math.randomseed(7) for i, h in ipairs(hosts) do "
        f'r[i] = wrk.format("GET", "{load.path}", {{["Host"] = h}}) end end\n'
        "request = function() return r[math.random(#r)] end\n"
    )
    return str(script)


async def _own_client(load: Load, seconds: float) -> Speed:
    """What wrk does, slower: the client is the limit, so read the ratio with care."""
    until = time.monotonic() + seconds
    waits: list[float] = []
    more = "".join(f"{name}: {value}\r\n" for name, value in load.headers.items())

    async def visitor(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
        rnd = random.Random(number)
        while time.monotonic() < until:
            started = time.monotonic()
            host = rnd.choice(load.hosts)
            writer.write(f"GET {load.path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if head[9:12] not in _FINE:
                raise SystemExit(f"errors under load at {load.path}: {head!r}")
            length = re.search(rb"(?i)content-length: ([0-9]+)", head)
            bare = head[9:12] == b"304"
            await reader.readexactly(int(length.group(1)) if length and not bare else 0)
            waits.append((time.monotonic() - started) * 1000)
        writer.close()

    await asyncio.gather(*(visitor(number) for number in range(CONNECTIONS)))
    return Speed(len(waits) / seconds, *_shares(sorted(waits)), len(waits))


def _shares(waits: list[float]) -> tuple[float, float]:
    return waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
