"""The edge counts what it answers, and tells it until the bus has it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from adapters.local.edge import accesslog, traffic
from adapters.local.edge.traffic import Line, Traffic
from chalicelib.traffic.rules import batches
from chalicelib.traffic.rules.counts import Counts

SITE, OTHER = "prj_" + "0" * 26, "prj_" + "1" * 26
DEPLOYMENT = "dpl_" + "0" * 26
NOON = 1_800_000_000.0


def line(status: int = 200, **more: Any) -> Line:
    given = {"site": SITE, "deployment": DEPLOYMENT, "cache": "memory", "size": 10} | more
    return accesslog.fragment(host="a.localhost", path="/", status=status, **given)


class Bus:
    """Takes batches, unless it is away."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.away = False

    def __call__(self, batch: dict[str, Any]) -> None:
        if self.away:
            raise OSError("away")
        assert len(json.dumps(batch)) < 256 * 1024
        self.taken.append(json.loads(json.dumps(batch)))

    def rows(self) -> list[batches.Told]:
        return [row for batch in self.taken for row in batches.read(batch)[1]]


def test_what_is_counted() -> None:
    bus = Bus()
    counted = Traffic(bus, "edge-1")
    counted.count(
        [
            (NOON, 3.0, line()),
            (NOON + 1, 900.0, line(500, cache="none", size=7)),
            (NOON + 2, 1.0, line(404, cache="none")),
            (NOON + 3, 1.0, line(304)),
            (NOON + 4, 1.0, line(hidden=True)),
            (NOON + 61, 1.0, line()),
            (NOON, 1.0, line(site="", deployment="")),
        ]
    )
    assert counted.ship() == 3
    told = {(row.minute, row.kind): row.counts for row in bus.rows()}
    assert told["2027-01-15T08:00", "live"] == Counts(4, 37, 1, 1, 1, 1, 2, {0: 2, 7: 1, 40: 1})
    assert told["2027-01-15T08:00", "preview"].requests == 1
    assert told["2027-01-15T08:01", "live"].requests == 1


def test_totals_are_told_again_until_they_are_taken() -> None:
    bus = Bus()
    counted = Traffic(bus, "edge-1")
    bus.away = True
    counted.count([(NOON, 1.0, line())])
    assert counted.ship() == 0
    counted.count([(NOON, 1.0, line())])
    bus.away = False
    assert counted.ship() == 1
    assert counted.ship() == 0
    counted.count([(NOON, 1.0, line())])
    assert counted.ship() == 1
    assert [row.counts.requests for row in bus.rows()] == [2, 3]


def test_minutes_that_are_over_are_forgotten_once_they_are_told() -> None:
    bus = Bus()
    counted = Traffic(bus, "edge-1")
    bus.away = True
    for minute in range(10):
        counted.count([(NOON + 60 * minute, 1.0, line())])
        counted.ship()
    assert len(counted._tallies) == 10
    bus.away = False
    assert counted.ship() == 10
    assert len(counted._tallies) < 5


def test_memory_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(traffic, "_MOST_TALLIES", 50)
    bus = Bus()
    bus.away = True
    counted = Traffic(bus, "edge-1")
    counted.count([(NOON + 60 * n, 1.0, line()) for n in range(80)])
    assert (len(counted._tallies), counted.lost) == (50, 30)


def test_many_sites_are_told_in_events_that_fit() -> None:
    bus = Bus()
    counted = Traffic(bus, "edge-1")
    lines = [line(deployment=f"dpl_{n:026d}") for n in range(500)]
    counted.count([(NOON, 2.0**power, one) for one in lines for power in range(14)])
    assert counted.ship() == 500
    assert len(bus.rows()) == 500
    assert {row.counts.requests for row in bus.rows()} == {14}


def test_the_log_says_what_it_said_and_is_counted(tmp_path: Path) -> None:
    import asyncio

    bus = Bus()
    counted = Traffic(bus)

    async def write() -> accesslog.AccessLog:
        log = accesslog.AccessLog(tmp_path / "a.jsonl", counted)
        for _ in range(3):
            log.add(NOON, 1.5, line())
        await asyncio.sleep(0)
        return log

    asyncio.run(write()).close()
    counted.close()
    told = [json.loads(text) for text in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert (
        told
        == [
            {
                "t": int(NOON * 1000),
                "ms": 1.5,
                "host": "a.localhost",
                "site": SITE,
                "deployment": DEPLOYMENT,
                "path": "/",
                "status": 200,
                "bytes": 10,
                "cache": "memory",
            }
        ]
        * 3
    )
    assert [row.counts.requests for row in bus.rows()] == [3]


def test_counting_is_cheap() -> None:
    """The log's thread shares the interpreter with those who answer."""
    counted = Traffic(Bus())
    entries = [(NOON, 1.0, line())] * 20_000
    began = time.thread_time()
    counted.count(entries)
    assert time.thread_time() - began < 1.0
