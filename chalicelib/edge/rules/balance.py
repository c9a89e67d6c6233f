"""In what order the addresses are tried that a request may be passed on to. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.edge.rules.routing.verdicts import Goal, Proxy


def order(verdict: Proxy, ticket: int) -> tuple[Goal, ...]:
    """The goals of a verdict, the first being where the request goes; then those in their place.

    Each comes with the chance that its weight gives it among the others. `ticket` is the lot: the
    same one gives the same order, and tickets spread evenly over 0 .. 2^32-1 spread by weight.
    """
    return (*drawn(verdict.goals, ticket), *drawn(verdict.instead, ticket))


def drawn(goals: Sequence[Goal], ticket: int) -> list[Goal]:
    """A weighted draw without returning; each place takes a lot of its own from the first."""
    left, result = [one for one in goals if one.weight > 0], []
    while left:
        at = (ticket % 2**32) * sum(one.weight for one in left) >> 32
        for index, one in enumerate(left):
            at -= one.weight
            if at < 0:
                result.append(left.pop(index))
                break
        ticket = (ticket * 1664525 + 1013904223) % 2**32
    return result
