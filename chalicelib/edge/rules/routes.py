"""Which of two routes of a slug counts. Pure."""

from __future__ import annotations

from typing import Protocol


class Placed(Protocol):
    """What a route says of its place in time."""

    @property
    def site(self) -> str:
        """Id of the project; ids sort by the time they were made."""

    @property
    def generation(self) -> int:
        """Number of the pointer's move, counted within one site."""


def replaces(new: Placed, current: Placed) -> bool:
    """Whether `new` may stand where `current` stands.

    Within a site the higher generation counts, and an equal one may be told again. A slug that
    was freed belongs to a younger site, whose count begins anew: whatever the older one still
    says, coming late, is over.
    """
    if new.site != current.site:
        return new.site > current.site
    return new.generation >= current.generation
