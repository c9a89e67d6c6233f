"""One edge with 10 to 10,000 sites and as many preview hosts, asked for at random.

Every host has a page of its own. The edges run side by side and are driven in turns; the peer of
each is the one with 10 sites. `python -m bench --suite flat`.
"""

import http.client
import statistics
import tempfile
from pathlib import Path

from bench import load, table
from bench.load import Load, Speed
from tests.contract.edge_sites import EdgeProcess, FakeSite

SIZES = (10, 100, 1_000, 10_000)
FLAT = 0.95
P99_MS = 10.0
MEMORY_MB = 450
_WORDS = b"tide " * 1024


def run(seconds: float = 5, rounds: int = 3) -> list[table.Row]:
    """Every row of the suite."""
    load.say_what_is_missing()
    edges: dict[int, EdgeProcess] = {}
    with tempfile.TemporaryDirectory(prefix="clouddeck-bench-") as name:
        folder = Path(name)
        try:
            hosts = {}
            for size in SIZES:
                home = folder / f"sites-{size}"
                hosts[size] = make(home, size)
                edges[size] = EdgeProcess(home)
                edges[size].settle(300)
            for size, edge in edges.items():
                _visit_all(edge.port, hosts[size])
            every = {n: Load(edges[n].port, "/", hosts[n]) for n in SIZES}
            first = {n: Load(edges[n].port, "/", hosts[n][:1]) for n in SIZES}
            random = _measure(every, seconds, rounds, folder)
            single = _measure(first, seconds, rounds, folder)
            memory = {size: _memory_mb(edge) for size, edge in edges.items()}
        finally:
            for edge in edges.values():
                edge.stop()
    return _rows(random, single, memory)


def make(home: Path, count: int) -> list[str]:
    """Sites, each with what is live and a preview; their hosts, the live ones first."""
    live, previews = [], []
    for number in range(count):
        site = FakeSite(f"site{number}")
        for version in ("v2", "v1"):
            start = f"<!doctype html>{number} {version} ".encode()
            deployment = site.publish({"index.html": (start + _WORDS)[: 5 * 1024]}, version)
            if version == "v2":
                previews.append(f"{deployment.removeprefix('dpl_')}--{site.slug}.localhost")
        live.append(f"{site.slug}.localhost")
        site.fill_cache(home)
        site.write_route(home)
    return live + previews


def _visit_all(port: int, hosts: list[str]) -> None:
    """Every page once, so that all lie ready."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for host in hosts:
        connection.request("GET", "/", headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"{host}: {answer.status}")
    connection.close()


def _measure(
    loads: dict[int, Load], seconds: float, rounds: int, folder: Path
) -> dict[int, list[Speed]]:
    """In turns, so that whatever else the machine does hits all of them."""
    found: dict[int, list[Speed]] = {size: [] for size in loads}
    for _ in range(rounds):
        for size, asked in loads.items():
            found[size].append(load.drive(asked, seconds, folder))
    return found


def _rows(
    random: dict[int, list[Speed]], single: dict[int, list[Speed]], memory: dict[int, int]
) -> list[table.Row]:
    rows: list[table.Row] = []
    least, most = min(random), max(random)
    for what, found in (("hosts at random", random), ("one host of them", single)):
        rates = {n: statistics.median(one.rate for one in some) for n, some in found.items()}
        for size, speeds in found.items():
            name = f"{size:,} sites and previews, {what}"
            goal = FLAT if size == most else None
            rows += [
                table.higher(name, rates[size], rates[least], "req/s", goal),
                table.fact(f"{name}: p50", statistics.median(one.p50 for one in speeds), "ms"),
                table.below(
                    f"{name}: p99", statistics.median(one.p99 for one in speeds), "ms", P99_MS
                ),
            ]
    rows += [table.fact(f"{n:,} sites and previews: memory", mb, "MB") for n, mb in memory.items()]
    rows[-1] = table.below(rows[-1]["name"], memory[most], "MB", MEMORY_MB)
    return rows


def _memory_mb(edge: EdgeProcess) -> int:
    """Resident memory of an edge."""
    status = Path(f"/proc/{edge.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) // 1024
