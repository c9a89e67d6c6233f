"""How long a log is kept."""

from __future__ import annotations

from chalicelib.audit import rows
from chalicelib.core.errors import Conflict

SHORTEST_DAYS, LONGEST_DAYS = 30, 3650
_TRIES = 10


def retention(team: str) -> int:
    """Days that entries are kept, from their writing on."""
    return int(rows.head(team).days)


def set_retention(team: str, days: int) -> int:
    """Keep the entries that come from now on for so many days; returns how long it was.

    Entries that are there keep the time that they were given: nobody can change one.
    """
    for _ in range(_TRIES):
        end = rows.head(team)
        if rows.keep_for(end, days):
            return int(end.days)
    raise Conflict("log_busy", "The log is written by too many at once.", hint="Try again.")
