"""The queue: order, idempotency, stopping."""

import asyncio
from collections.abc import Awaitable, Callable

from adapters.local.slots.pool import Pool
from adapters.local.slots.report import Failure
from adapters.local.slots.runner_process import Order


def order(name: str) -> Order:
    return Order(name, "token", 10, trusted=True)


class Bench:
    def __init__(self) -> None:
        self.started: list[tuple[str, int]] = []
        self.reported: list[tuple[str, str]] = []
        self.gates: dict[str, asyncio.Future[Failure | None]] = {}

    async def run(self, given: Order, slot: int, stop: asyncio.Event) -> Failure | None:
        self.started.append((given.build, slot))
        gate = self.gates[given.build] = asyncio.get_running_loop().create_future()
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait({gate, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        return gate.result() if gate.done() else None

    async def report(self, given: Order, failure: Failure, patience: float) -> bool:
        self.reported.append((given.build, failure.code))
        return True


def played(scene: Callable[[Bench, Pool], Awaitable[None]], slots: int = 1) -> Bench:
    async def play() -> Bench:
        bench = Bench()
        await scene(bench, Pool(slots, bench.run, bench.report))
        return bench

    return asyncio.run(play())


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_first_come_first_served_and_each_once() -> None:
    async def scene(bench: Bench, pool: Pool) -> None:
        for name in ("a", "b", "c", "a", "b"):
            pool.submit(order(name))
        await settle()
        assert [pool.state(n) for n in "abc"] == ["running", "queued", "queued"]
        assert pool.position("c") == 1
        for name in "abc":
            bench.gates[name].set_result(None)
            await settle()
            pool.submit(order(name))
        assert [pool.state(n) for n in "abc"] == ["gone"] * 3

    bench = played(scene)
    assert [name for name, _ in bench.started] == ["a", "b", "c"]
    assert bench.reported == []


def test_stopping_queued_running_and_unknown() -> None:
    async def scene(bench: Bench, pool: Pool) -> None:
        pool.submit(order("a"))
        pool.submit(order("b"))
        pool.stop("b")
        pool.stop("z")
        assert pool.submit(order("z")) == "gone"
        await settle()
        pool.stop("a")
        await settle()
        assert pool.counts() == {"slots": 1, "running": 0, "queued": 0}

    bench = played(scene)
    assert bench.started == [("a", 0)]
    assert bench.reported == []


def test_failures_and_faults_are_reported_and_free_the_slot() -> None:
    async def scene(bench: Bench, pool: Pool) -> None:
        for name in "ab":
            pool.submit(order(name))
        await settle()
        bench.gates["a"].set_result(Failure("oom", "m", "h"))
        await settle()
        bench.gates["b"].set_exception(ValueError("bug"))
        await settle()

    assert played(scene).reported == [("a", "oom"), ("b", "internal")]


def test_two_slots_are_used_and_given_back() -> None:
    async def scene(bench: Bench, pool: Pool) -> None:
        for name in "abc":
            pool.submit(order(name))
        await settle()
        bench.gates["b"].set_result(None)
        await settle()
        assert bench.started == [("a", 0), ("b", 1), ("c", 1)]
        await pool.close(0.1)

    assert sorted(played(scene, slots=2).reported) == [("a", "runner_lost"), ("c", "runner_lost")]


def test_closing_reports_queued_and_running_as_lost() -> None:
    async def scene(bench: Bench, pool: Pool) -> None:
        pool.submit(order("a"))
        pool.submit(order("b"))
        await settle()
        await pool.close(0.2)
        assert pool.submit(order("c")) == "closing"
        assert pool.state("c") == "gone"

    bench = played(scene)
    assert bench.reported == [("a", "runner_lost"), ("b", "runner_lost")]
    assert bench.started == [("a", 0)]
