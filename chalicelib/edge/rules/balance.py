"""Which of several addresses of a backend a request goes to, and in what order the others. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from chalicelib.edge.rules.routing.model import Backend, Origin, When


@dataclass(frozen=True, slots=True)
class Target:
    """An address that one request may be passed on to.

    `name` is `<backend>.<origin>`, by which its health is known; empty for an address that a rule
    names itself. `url` is complete, with path and query. `named`: the request is one of those that
    this origin's `when` speaks of.
    """

    name: str
    url: str
    weight: int = 100
    named: bool = False


def name_of(backend: str, origin: str) -> str:
    """By what the health of an origin is known, in a route's `down` too."""
    return f"{backend}.{origin}"


def targets(
    backend: Backend, fits: Callable[[When], bool], address: Callable[[str], str]
) -> tuple[Target, ...]:
    """The origins of a backend that a request may go to.

    `fits` says whether the request is as an origin wants it, `address` makes of an origin's URL
    that of the request. An origin without weight is there for those it is named for alone.
    """
    found = []
    for origin in backend.origins:
        named = origin.when is not None and fits(origin.when)
        if named or origin.weight > 0:
            found.append(_target(backend, origin, address(origin.url), named=named))
    return tuple(found)


def _target(backend: Backend, origin: Origin, url: str, *, named: bool) -> Target:
    return Target(name_of(backend.name, origin.name), url, origin.weight, named)


def order(choices: Collection[Target], down: Collection[str], ticket: int) -> tuple[Target, ...]:
    """In what order to try, the first being where the request goes.

    Those that are named for the request come first, as they stand; the others by lot, each with
    the chance that its weight gives it among them. `ticket` is the lot: the same one gives the
    same order, and tickets that are spread evenly over 0 .. 2^32-1 spread by weight. What does not
    answer (`down`) comes last: when nothing answers, asking is the only way to learn of a return.
    """
    named = [one for one in choices if one.named]
    drawn = [one for one in _drawn([c for c in choices if not c.named], ticket) if one.weight > 0]
    wanted = [*named, *drawn]
    return tuple(
        [one for one in wanted if one.name not in down] + [o for o in wanted if o.name in down]
    )


def _drawn(choices: list[Target], ticket: int) -> list[Target]:
    """A weighted draw without returning; each place takes a ticket of its own from the first."""
    left, result = [one for one in choices if one.weight > 0], []
    while left:
        total = sum(one.weight for one in left)
        at = (ticket % 2**32) * total >> 32
        for index, one in enumerate(left):
            at -= one.weight
            if at < 0:
                result.append(left.pop(index))
                break
        ticket = (ticket * 1664525 + 1013904223) % 2**32
    return result
