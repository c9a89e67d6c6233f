"""Where a rollback leads that names nothing. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def before(moves: Sequence[str], *, rolled_back: bool) -> list[str]:
    """The deployments to go back to, the first choice first.

    `moves` are those of the pointer, the oldest first; the last one is what is live. Usually that
    is what was live before. Where the last move was a rollback itself it is what lies further
    back: two people who roll back at the same moment do not bring back what both want gone.
    """
    if not moves:
        return []
    if not rolled_back:
        return [one for one in dict.fromkeys(reversed(moves)) if one != moves[-1]]
    below: list[str] = []
    for one in moves:
        # whoever came back to a deployment left all behind that had followed it
        below = below[: below.index(one)] if one in below else below
        below.append(one)
    return below[-2::-1]
