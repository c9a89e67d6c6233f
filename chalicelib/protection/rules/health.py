"""When a backend counts as down, and as back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.edge.rules.routing.model import Backend

FAILURES = 2
"""So many checks in a row without a good answer make an origin down; one good answer ends it."""
MOST_CHECKS = 40
"""Origins of one project that are asked in one round."""


@dataclass(frozen=True)
class Origin:
    """What is known of one address of a backend. `healthy` is None until it was asked.

    `check` is the address that is asked, empty when its backend has no health path. `since` says
    when it came to be healthy or not, `why` what the last check found.
    """

    backend: str
    name: str
    url: str
    weight: int
    named: bool
    check: str = ""
    healthy: bool | None = None
    failures: int = 0
    status: int = 0
    milliseconds: int = 0
    why: str = ""
    since: str = ""
    checked_at: str = ""

    @property
    def id(self) -> str:
        """By what routes know it."""
        return f"{self.backend}.{self.name}"


@dataclass(frozen=True)
class Found:
    """What one check found: a status, or why there is none."""

    status: int
    milliseconds: int
    why: str = ""

    @property
    def good(self) -> bool:
        """Whether that is what a healthy origin answers: 2xx or 3xx."""
        return 200 <= self.status < 400


def listed(backends: Iterable[Backend], known: Iterable[Origin]) -> list[Origin]:
    """The origins of backends, with what is known of those that were there before."""
    before = {(one.id, one.url, one.check): one for one in known}
    found = []
    for backend in backends:
        for origin in backend.origins:
            check = origin.url.rstrip("/") + backend.health if backend.health else ""
            named, url = origin.when is not None, origin.url
            new = Origin(backend.name, origin.name, url, origin.weight, named, check)
            old = before.get((new.id, new.url, new.check))
            found.append(new if old is None else replace(old, weight=origin.weight, named=named))
    return found


def after(origin: Origin, found: Found, now: str) -> Origin:
    """What is known after a check: down is who failed often enough in a row."""
    failures = 0 if found.good else origin.failures + 1
    healthy: bool | None = origin.healthy
    if found.good:
        healthy = True
    elif failures >= FAILURES:
        healthy = False
    why = found.why or ("" if found.good else f"It answered {found.status}.")
    return replace(
        origin,
        healthy=healthy,
        failures=failures,
        status=found.status,
        milliseconds=found.milliseconds,
        why=why,
        since=now if healthy is not origin.healthy else origin.since,
        checked_at=now,
    )


def down(origins: Iterable[Origin]) -> list[str]:
    """The names of those that do not answer."""
    return sorted({one.id for one in origins if one.healthy is False})


def told(origin: Origin) -> dict[str, Any]:
    """As a row keeps it."""
    return {name: getattr(origin, name) for name in Origin.__dataclass_fields__}
