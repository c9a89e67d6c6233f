"""Many visitors, one request: those who want the same wait for whoever asked first."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

_PASS_SECONDS = 10.0
_MOST_PASSED = 10_000


class Flights:
    """Requests under way whose answers may belong to everybody.

    Only an answer that may be kept can be shared, and that is known once it is there. When it may
    not, those who waited ask for themselves, and for some seconds nobody waits for its like.
    `now` is seconds, for tests.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._flying: dict[Hashable, asyncio.Future[None]] = {}
        self._passed: OrderedDict[Hashable, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._flying)

    def passes(self, key: Hashable) -> bool:
        """Whether answers like this one turned out to belong to one visitor."""
        return self._passed.get(key, 0.0) > self._now()

    async def follow(self, key: Hashable, seconds: float) -> bool:
        """Wait for whoever asks for the same; False at once when nobody does, or when it is no use.

        After True the answer is where answers are kept, if it may be.
        """
        if self.passes(key):
            return False
        flight = self._flying.get(key)
        if flight is None:
            return False
        try:
            async with asyncio.timeout(seconds):
                await asyncio.shield(flight)
        except TimeoutError:
            return False
        return True

    def lead(self, key: Hashable) -> bool:
        """Be the one for whom others wait; False when somebody is, or when it is no use."""
        if key in self._flying or self.passes(key):
            return False
        self._flying[key] = asyncio.get_running_loop().create_future()
        return True

    def land(self, key: Hashable, *, alone: bool) -> None:
        """The answer is there, or will never be; `alone` when its likes belong to one visitor."""
        flight = self._flying.pop(key, None)
        if alone:
            self._passed[key] = self._now() + _PASS_SECONDS
            self._passed.move_to_end(key)
            if len(self._passed) > _MOST_PASSED:
                self._passed.popitem(last=False)
        if flight is not None and not flight.done():
            flight.set_result(None)
