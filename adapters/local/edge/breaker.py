"""Leaving backends alone that do not answer: a circuit breaker for each address."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST = 10_000
_PROBE_SECONDS = 60.0
"""A probe that nobody heard of again counts as lost after that."""


@dataclass(slots=True)
class _State:
    failures: int = 0
    until: float = 0.0
    probe_at: float = -1.0


class Breakers:
    """One breaker for each (site, address).

    *Closed*: requests go there, failures in a row are counted. *Open*: after so many of them
    nobody is sent there for a pause. *Half open*: then one request is, a probe; its success closes
    the breaker, its failure opens it for another pause. `now` is seconds, for tests.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._states: OrderedDict[tuple[str, str], _State] = OrderedDict()

    def wait(self, site: str, name: str) -> float:
        """Seconds until somebody may be sent there, 0 for now; asking changes nothing."""
        state = self._states.get((site, name))
        if state is None or not state.until:
            return 0.0
        now = self._now()
        if now < state.until:
            return state.until - now
        if state.probe_at >= 0 and now < state.probe_at + _PROBE_SECONDS:
            return 1.0
        return 0.0

    def enter(self, site: str, name: str) -> bool:
        """Whether a request may go there now. Of a half-open breaker the first one is the probe."""
        if self.wait(site, name):
            return False
        state = self._states.get((site, name))
        if state is not None and state.until:
            state.probe_at = self._now()
        return True

    def succeeded(self, site: str, name: str) -> None:
        """An answer came that is no fault of the backend's."""
        self._states.pop((site, name), None)

    def failed(self, site: str, name: str, failures: int, pause_seconds: float) -> None:
        """No answer, or one of 5xx; after `failures` in a row nobody goes there for a pause."""
        state = self._states.setdefault((site, name), _State())
        self._states.move_to_end((site, name))
        state.failures += 1
        if state.until or state.failures >= failures:
            state.until, state.probe_at = self._now() + pause_seconds, -1.0
        if len(self._states) > _MOST:
            self._states.popitem(last=False)

    def left(self, site: str, name: str) -> None:
        """A request ended and says nothing of the backend: its visitor went away."""
        state = self._states.get((site, name))
        if state is not None:
            state.probe_at = -1.0

    def states(self, site: str) -> dict[str, str]:
        """Of a site: address -> `open`, `half_open` or `closed`; without those that do well."""
        now, found = self._now(), {}
        for (owner, name), state in self._states.items():
            if owner == site:
                half = "half_open" if now >= state.until else "open"
                found[name] = half if state.until else "closed"
        return found
