"""The edge beside nginx: `python -m bench.edge [--json FILE] [--seconds N] [--rounds N]`.

Both serve the same files on loopback in the same run and are driven in turns, so that whatever
else the machine does hits both. nginx maps the host to a folder, checks ETags, sends prepared
gzip and brotli files where its modules can, and writes the same JSON access log. Quote ratios:
absolute figures are of this machine and this minute.
"""

import argparse
import asyncio
import http.client
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import brotli

from tests.contract.edge_sites import EdgeProcess, FakeSite, free_port

CONNECTIONS = 64
SITES = 1000
GOAL = 0.6
P99_MS = 10.0

_NGINX = """
worker_processes 1;
daemon off;
pid {home}/nginx.pid;
error_log {home}/error.log;
events {{ worker_connections 2048; }}
http {{
  types {{ text/html html; text/javascript js; }}
  log_format json escape=json '{{"t":$msec,"ms":$request_time,"host":"$host","path":"$uri",'
    '"status":$status,"bytes":$body_bytes_sent,"site":"prj_00000000000000000000000000",'
    '"deployment":"dpl_00000000000000000000000000","cache":"memory"}}';
  access_log {home}/access.jsonl json buffer=256k flush=1s;
  client_body_temp_path {home}/t1; proxy_temp_path {home}/t2; fastcgi_temp_path {home}/t3;
  uwsgi_temp_path {home}/t4; scgi_temp_path {home}/t5;
  sendfile on; tcp_nopush on; keepalive_requests 100000000;
  open_file_cache max=10000 inactive=1h; open_file_cache_valid 1h;
  map $http_accept_encoding $pack {{ default ""; "~br" ".br"; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    server_name ~^(?<site>[a-z0-9-]+)\\.localhost$;
    root {home}/www/$site;
    index index.html;
    add_header Cache-Control "public,max-age=0,must-revalidate";
    add_header X-Content-Type-Options nosniff;
    add_header X-CloudDeck-Deployment dpl_00000000000000000000000000;
    add_header Vary Accept-Encoding;
    location = /packed {{ types {{ }} default_type text/html; add_header Content-Encoding br;
      try_files /index.html$pack =404; }}
  }}
}}
"""


@dataclass
class Peer:
    """A server under load."""

    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """CPU time that the process and its workers have used."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        total = 0
        for pid in [self.pid, *children]:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


@dataclass
class Case:
    """A request that both answer."""

    name: str
    path: str
    peer_path: str
    headers: dict[str, str]
    revalidate: bool = False


@dataclass
class Options:
    """How long to measure, and where to put files."""

    seconds: int
    rounds: int
    folder: Path


@dataclass
class Load:
    """What one run asks for, of whom."""

    port: int
    path: str
    hosts: list[str]
    headers: dict[str, str] = field(default_factory=dict)


def text(seed: int, size: int) -> bytes:
    """Words that compress the way pages do."""
    rnd = random.Random(seed)
    words = [f"{rnd.getrandbits(28):x}" for _ in range(400)]
    return " ".join(rnd.choice(words) for _ in range(size // 7 + size // 40)).encode()[:size]


def make_sites(home: Path, count: int, *, www: bool) -> None:
    """The same files for both servers; the big asset is the same one everywhere."""
    asset = text(0, 100 * 1024)
    for number in range(count):
        site = FakeSite(f"site{number}")
        page = b"<!doctype html>" + text(number + 1, 5 * 1024 - 15)
        files = {"index.html": page}
        if www or number < SITES:
            files["assets/app-3f2a1b9c.js"] = asset
        site.publish(files)
        site.fill_cache(home)
        site.write_route(home)
        if www:
            folder = home / "www" / site.slug
            (folder / "assets").mkdir(parents=True)
            (folder / "index.html").write_bytes(page)
            (folder / "index.html.br").write_bytes(brotli.compress(page, quality=9))
            (folder / "assets/app-3f2a1b9c.js").write_bytes(asset)


def drive(load: Load, seconds: int, folder: Path) -> tuple[float, float]:
    """(requests per second, p99 in ms) under wrk with one thread, or under our own client."""
    if shutil.which("wrk") is None:
        return asyncio.run(own_client(load, seconds))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency"]
    for name, value in load.headers.items():
        command += ["-H", f"{name}: {value}"]
    if len(load.hosts) > 1:
        command += ["-s", many_hosts(folder, load)]
    else:
        command += ["-H", f"Host: {load.hosts[0]}"]
    command.append(f"http://127.0.0.1:{load.port}{load.path}")
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(f"errors under load at {load.path}:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", out).group(1))
    value, unit = re.search(r"99%\s+([0-9.]+)(us|ms|s)", out).groups()
    return rate, float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def many_hosts(folder: Path, load: Load) -> str:
    """A wrk script that asks for a page of a random site."""
    script = folder / f"hosts-{len(load.hosts)}.lua"
    hosts = ",".join(f'"{host}"' for host in load.hosts)
    script.write_text(
        f"local hosts, r = {{{hosts}}}, {{}}\n"
        "init = function() math.randomseed(7) for i, h in ipairs(hosts) do "
        f'r[i] = wrk.format("GET", "{load.path}", {{["Host"] = h}}) end end\n'
        "request = function() return r[math.random(#r)] end\n"
    )
    return str(script)


async def own_client(load: Load, seconds: int) -> tuple[float, float]:
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
            if head[9:12] not in {b"200", b"304"}:
                raise SystemExit(f"errors under load at {load.path}: {head!r}")
            length = re.search(rb"(?i)content-length: ([0-9]+)", head)
            await reader.readexactly(int(length.group(1)) if length else 0)
            waits.append(time.monotonic() - started)
        writer.close()

    await asyncio.gather(*(visitor(number) for number in range(CONNECTIONS)))
    return len(waits) / seconds, sorted(waits)[int(len(waits) * 0.99)] * 1000


def start_nginx(home: Path) -> tuple[Peer, "subprocess.Popen[bytes]"] | None:
    """nginx on the same files, or None when it is not installed."""
    if shutil.which("nginx") is None:
        return None
    port = free_port()
    config = home / "nginx.conf"
    config.write_text(_NGINX.format(home=home, port=port))
    process = subprocess.Popen(["nginx", "-c", str(config), "-p", str(home)])
    time.sleep(1)
    return Peer("nginx", port, process.pid), process


def fetch_tag(load: Load) -> str:
    """The ETag that a server gives to a page."""
    connection = http.client.HTTPConnection("127.0.0.1", load.port, timeout=10)
    connection.request("GET", load.path, headers={"Host": load.hosts[0], **load.headers})
    response = connection.getresponse()
    response.read()
    return response.headers["ETag"]


def compare(case: Case, servers: list[Peer | None], options: Options) -> list[dict]:
    """One case against both, in turns."""
    rates: dict[str, list[float]] = {"ours": [], "peer": []}
    costs: dict[str, list[float]] = {"ours": [], "peer": []}
    tails: list[float] = []
    for _ in range(options.rounds):
        for side, server in zip(rates, servers, strict=True):
            if server is None:
                continue
            path = case.path if side == "ours" else case.peer_path
            host = f"site7.localhost:{server.port}"
            load = Load(server.port, path, [host], dict(case.headers))
            if case.revalidate:
                load.headers["If-None-Match"] = fetch_tag(load)
            before = server.cpu_seconds()
            rate, tail = drive(load, options.seconds, options.folder)
            spent = server.cpu_seconds() - before
            rates[side].append(rate)
            costs[side].append(spent / (rate * options.seconds) * 1e6)
            if side == "ours":
                tails.append(tail)
    own = statistics.median(rates["ours"])
    other = statistics.median(rates["peer"]) if rates["peer"] else None
    return [
        row(case.name, own, other, "req/s", GOAL),
        limit(f"{case.name}: p99", statistics.median(tails), "ms", P99_MS),
        cost_row(f"{case.name}: CPU per request", costs),
    ]


def row(name: str, ours: float, peer: float | None, unit: str, goal: float) -> dict:
    """A line of the table; without a peer there is nothing to judge."""
    ratio = None if peer is None else round(ours / peer, 3)
    return {
        "name": name,
        "ours": round(ours),
        "peer": None if peer is None else round(peer),
        "unit": unit,
        "ratio": ratio,
        "goal": goal,
        "ok": None if ratio is None else ratio >= goal,
    }


def flatness(options: Options) -> list[dict]:
    """Throughput and memory with 10,000 sites beside 10, in turns."""
    edges: dict[int, EdgeProcess] = {}
    rates: dict[int, list[float]] = {10: [], 10_000: []}

    def load(count: int, *, every: bool) -> Load:
        port = edges[count].port
        numbers = range(count) if every else [3]
        return Load(port, "/", [f"site{number}.localhost:{port}" for number in numbers])

    try:
        for count in rates:
            home = options.folder / f"flat-{count}"
            make_sites(home, count, www=False)
            edges[count] = EdgeProcess(home)
            edges[count].settle(180)
        for count in rates:  # every page, so that both are warm
            drive(load(count, every=True), 4, options.folder)
        for _ in range(options.rounds):
            for count, found in rates.items():
                found.append(drive(load(count, every=False), options.seconds, options.folder)[0])
        medians = {count: statistics.median(values) for count, values in rates.items()}
        spread, _ = drive(load(10_000, every=True), options.seconds, options.folder)
        print(f"10,000 sites, a random one each time: {spread:,.0f} req/s", file=sys.stderr)
        memory = rss_mb(edges[10_000])
    finally:
        for edge in edges.values():
            edge.stop()
    name = "10,000 sites beside 10 (peer: us with 10)"
    return [
        row(name, medians[10_000], medians[10], "req/s", 0.95),
        limit("10,000 sites: memory", memory, "MB", 320),
    ]


def cost_row(name: str, costs: dict[str, list[float]]) -> dict:
    """CPU time: what a busy machine distorts least. The ratio is nginx's cost over ours."""
    ours = statistics.median(costs["ours"])
    peer = statistics.median(costs["peer"]) if costs["peer"] else None
    return {
        "name": name,
        "ours": round(ours, 1),
        "peer": None if peer is None else round(peer, 1),
        "unit": "us",
        "ratio": None if peer is None else round(peer / ours, 3),
        "goal": None,
        "ok": None,
    }


def limit(name: str, ours: float, unit: str, goal: float) -> dict:
    """A line that is judged by itself."""
    return {
        "name": name,
        "ours": round(ours, 2),
        "peer": None,
        "unit": unit,
        "ratio": None,
        "goal": goal,
        "ok": ours < goal,
    }


def rss_mb(edge: EdgeProcess) -> int:
    """Resident memory of an edge."""
    status = Path(f"/proc/{edge.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024


CASES = [
    Case("5 KB HTML", "/", "/", {}),
    Case("100 KB asset", "/assets/app-3f2a1b9c.js", "/assets/app-3f2a1b9c.js", {}),
    Case("5 KB HTML as br", "/", "/packed", {"Accept-Encoding": "gzip, deflate, br"}),
    Case("304", "/", "/index.html", {}, revalidate=True),
]


def run(seconds: int, rounds: int) -> list[dict]:
    """Every row of the suite."""
    with tempfile.TemporaryDirectory(prefix="clouddeck-bench-") as name:
        folder = Path(name)
        options = Options(seconds, rounds, folder)
        folder.chmod(0o755)  # nginx may drop to a user of its own
        home = folder / "edge"
        make_sites(home, SITES, www=True)
        edge = EdgeProcess(home)
        nginx = start_nginx(home)
        rows: list[dict] = []
        try:
            edge.settle(120)
            peer = nginx[0] if nginx else None
            for case in CASES:
                rows += compare(case, [Peer("edge", edge.port, edge.process.pid), peer], options)
        finally:
            edge.stop()
            if nginx:
                nginx[1].terminate()
                nginx[1].wait(10)
        if nginx is None:
            print("nginx is not installed: no ratios", file=sys.stderr)
        return rows + flatness(options)


def show(rows: list[dict]) -> None:
    """One table."""
    print(f"{'':42}{'ours':>10}{'peer':>10}  {'unit':6}{'ratio':>7}{'goal':>7}  ok")
    for line in rows:
        peer = "-" if line["peer"] is None else f"{line['peer']:,}"
        ratio = "-" if line["ratio"] is None else f"{line['ratio']:.2f}"
        mark = {True: "yes", False: "NO", None: "-"}[line["ok"]]
        print(
            f"{line['name']:42}{line['ours']:>10,}{peer:>10}  {line['unit']:6}"
            f"{ratio:>7}{line['goal'] or '-':>7}  {mark}"
        )


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="bench.edge", description="The edge beside nginx.")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    parser.add_argument("--seconds", type=int, default=5, help="length of one run")
    parser.add_argument("--rounds", type=int, default=3, help="runs per figure")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk is not installed: our own, slower client drives both", file=sys.stderr)
    rows = run(options.seconds, options.rounds)
    show(rows)
    if options.json:
        options.json.write_text(json.dumps({"suite": "edge", "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
