"""Errands: what a stranger asks for is written down, and done where nobody waits for it.

Whether an address has an account decides which letter it gets, if any. Were that found out within
the request, its duration would tell; so every such request does the same, whatever the address:
one row and one event. `post.perform` does the rest, and what got lost on the way is asked for
again by the sweep.
"""

from __future__ import annotations

from typing import Any

from chalicelib.accounts.rows import errands as rows
from chalicelib.core.observe import logger
from chalicelib.ports import services

EVENT = "errand.due"


def ask(kind: str, email: str, **more: Any) -> None:
    """Have an errand done soon; `more` are attributes of the row."""
    row = rows.new_errand(kind, email, **more)
    row.save()
    announce(row.id)


def announce(identifier: str) -> None:
    """Say that an errand is there. Should nobody hear it, the sweep says it again."""
    try:
        services().bus.put(EVENT, {"version": 1, "errand": identifier})
    except Exception as error:  # whatever a cloud's bus raises: the row is what counts
        logger().warning("errand not announced", exc_info=error, extra={"errand": identifier})


def sweep() -> int:
    """Announce again what should have been done by now; how many errands that were."""
    found = [row.id for row in rows.overdue()]
    for identifier in found:
        announce(identifier)
    return len(found)
