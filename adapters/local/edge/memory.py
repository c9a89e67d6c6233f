"""Bodies in memory, bounded by bytes."""

from collections import OrderedDict

_OVERHEAD = 512

Key = tuple[str, str, str]


class Body:
    """The bytes of one representation; `data` turns None when it is evicted.

    Prepared answers hold a Body, not its bytes, so that eviction really frees memory.
    """

    __slots__ = ("data", "size", "used")

    def __init__(self, data: bytes) -> None:
        self.data: bytes | None = data
        self.size = len(data)
        self.used = True


class MemoryCache:
    """Second-chance eviction: a hit costs one attribute, the order is settled when space is."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.bytes = 0
        self._bodies: OrderedDict[Key, Body] = OrderedDict()

    def get(self, key: Key) -> Body | None:
        """The body, or None."""
        body = self._bodies.get(key)
        if body is not None:
            body.used = True
        return body

    def put(self, key: Key, data: bytes) -> Body:
        """Enter a body and make room for it."""
        body = Body(data)
        old = self._bodies.pop(key, None)
        if old is not None:
            self.bytes -= old.size + _OVERHEAD
            old.data = None
        self._bodies[key] = body
        self.bytes += body.size + _OVERHEAD
        while self.bytes > self.capacity and len(self._bodies) > 1:
            self._evict_one()
        return body

    def _evict_one(self) -> None:
        """Drop the first body in line that nobody asked for since it last stood there."""
        while True:
            key, body = self._bodies.popitem(last=False)
            if body.used:
                body.used = False
                self._bodies[key] = body
                continue
            self.bytes -= body.size + _OVERHEAD
            body.data = None
            return
