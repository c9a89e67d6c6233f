"""How much that costs much and brings nothing is borne from one place."""

import time


class Patience:
    """A bucket: it holds `burst` and gets `a_second` more each second."""

    def __init__(self, burst: float, a_second: float) -> None:
        self._most = burst
        self._left = burst
        self._a_second = a_second
        self._at = time.monotonic()

    def bears(self, cost: float = 1.0) -> bool:
        """Whether so much more is borne; what is not costs nothing."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._a_second)
        self._at = now
        if self._left < cost:
            return False
        self._left -= cost
        return True

    def earn(self, worth: float) -> None:
        """Something useful happened, which makes up for some."""
        self._left = min(self._most, self._left + worth)
