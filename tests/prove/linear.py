"""Whether what several people saw of one thing can have happened one after the other.

Source: J. M. Wing and C. Gong, "Testing and Verifying Concurrent Objects" (1993), with the memory
of states seen before that G. Lowe added ("Testing for linearizability", 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

State = TypeVar("State", bound=Hashable)

MOST_STEPS = 5_000_000
"""A search that takes more has no answer."""


@dataclass(frozen=True)
class Call:
    """Something asked between two moments, and what came of it; `result` None: no answer came,
    so it may have happened at any time after `began`, or never.
    """

    who: int
    what: str
    given: Any
    result: Any
    began: float
    ended: float


class TooManyWaysError(Exception):
    """The search was given up."""


def linearise(
    calls: Sequence[Call], start: State, step: Callable[[State, Call], list[State]]
) -> list[Call] | None:
    """An order in which the calls can have happened; None when there is none.

    `step` gives the states that a call with that very result may lead to, none when it cannot have
    happened in that state. A call that nobody got an answer to may be left out.
    """
    ordered = sorted(calls, key=lambda call: call.began)
    return _Search(ordered, step).run(start)


class _Search:
    def __init__(self, calls: list[Call], step: Callable[[Any, Call], list[Any]]) -> None:
        self.calls, self.step = calls, step
        self.answered = frozenset(n for n, call in enumerate(calls) if call.result is not None)
        self.steps = 0

    def run(self, start: Any) -> list[Call] | None:
        """Depth first, without coming to the same place twice."""
        begin = (frozenset(range(len(self.calls))), start)
        seen: set[tuple[frozenset[int], Any]] = {begin}
        stack: list[tuple[frozenset[int], Any, tuple[int, ...]]] = [(*begin, ())]
        while stack:
            left, state, done = stack.pop()
            if not left & self.answered:
                return [self.calls[n] for n in done]
            for number in self._next(left):
                self.steps += 1
                if self.steps > MOST_STEPS:
                    raise TooManyWaysError(f"{len(self.calls)} calls, {self.steps} steps")
                rest = left - {number}
                for after in self.step(state, self.calls[number]):
                    if (rest, after) not in seen:
                        seen.add((rest, after))
                        stack.append((rest, after, (*done, number)))
        return None

    def _next(self, left: frozenset[int]) -> list[int]:
        """Calls that may come next: begun before any other that is left had its answer."""
        ends = [self.calls[n].ended for n in left if n in self.answered]
        horizon = min(ends, default=float("inf"))
        # popped from the end: what ended first is tried first
        return sorted(
            (n for n in left if self.calls[n].began <= horizon),
            key=lambda n: -self.calls[n].ended,
        )
