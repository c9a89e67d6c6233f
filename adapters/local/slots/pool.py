"""The queue in front of the slots: urgent builds first, then as they came, each at most once.

The API orders no more builds than there are slots, so what waits here waits for a sandbox that is
being cleaned away.
"""

import asyncio
import bisect
import heapq
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine

from adapters.local.slots import endings
from adapters.local.slots.log import log
from adapters.local.slots.report import Failure
from adapters.local.slots.runner_process import Order

REMEMBERED = 10_000

Run = Callable[[Order, int, asyncio.Event], Awaitable[Failure | None]]
Report = Callable[[Order, Failure, float], Awaitable[bool]]


class Pool:
    """Runs orders in `slots` slots; `report` is told of every end that needs a report."""

    def __init__(self, slots: int, run: Run, report: Report) -> None:
        self.slots = slots
        self._run, self._report = run, report
        self._free = list(range(slots))
        self._queue: list[Order] = []
        self._running: dict[str, tuple[Order, asyncio.Event]] = {}
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def submit(self, order: Order) -> str:
        """Takes an order once; repeated ones, late ones and stopped ones change nothing.

        Returns its state; `closing` for one that nobody takes any more.
        """
        state = self.state(order.build)
        if self._closing:
            return "closing"
        if state == "gone" and order.build not in self._gone:
            bisect.insort(self._queue, order, key=lambda other: other.priority)
            self._fill()
        return self.state(order.build)

    def stop(self, build: str) -> None:
        """Ends a build wherever it is; one that was never seen will never start."""
        self._remember(build)
        self._queue = [order for order in self._queue if order.build != build]
        if build in self._running:
            self._running[build][1].set()

    def state(self, build: str) -> str:
        """`queued`, `running`, or `gone` for anything else."""
        if build in self._running:
            return "running"
        return "queued" if any(order.build == build for order in self._queue) else "gone"

    def position(self, build: str) -> int | None:
        """How many builds start before this queued one; None when it is not queued."""
        ids = [order.build for order in self._queue]
        return ids.index(build) if build in ids else None

    def counts(self) -> dict[str, int]:
        """Slots, running and queued builds."""
        return {"slots": self.slots, "running": len(self._running), "queued": len(self._queue)}

    async def close(self, patience: float) -> None:
        """Stops everything and reports it as lost, within about `patience` seconds."""
        self._closing = True
        orders = [order for order, _ in self._running.values()] + list(self._queue)
        self._queue.clear()
        for _, stop in self._running.values():
            stop.set()
        reports = [self._report(order, endings.lost(), patience) for order in orders]
        waiting = [asyncio.ensure_future(each) for each in reports]
        everything = {*waiting, *self._tasks}
        if everything:
            await asyncio.wait(everything, timeout=patience + 0.5)

    def _fill(self) -> None:
        while self._free and self._queue and not self._closing:
            order, slot = self._queue.pop(0), heapq.heappop(self._free)
            stop = asyncio.Event()
            self._running[order.build] = (order, stop)
            self._go(self._one(order, slot, stop))

    async def _one(self, order: Order, slot: int, stop: asyncio.Event) -> None:
        failure: Failure | None
        try:
            failure = await self._run(order, slot, stop)
        except Exception as fault:  # a slot must come free whatever happens
            log("slot_fault", build=order.build, fault=repr(fault))
            failure = Failure("internal", "The build slot failed.", "Deploy again.")
        finally:
            self._remember(order.build)
            del self._running[order.build]
            heapq.heappush(self._free, slot)
            self._fill()
        if failure is not None and not stop.is_set():
            self._go(self._tell(order, failure))

    async def _tell(self, order: Order, failure: Failure) -> None:
        await self._report(order, failure, 30.0)

    def _go(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _remember(self, build: str) -> None:
        self._gone[build] = None
        while len(self._gone) > REMEMBERED:
            self._gone.popitem(last=False)
