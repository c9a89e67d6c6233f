"""How far the lists of an older installation have been completed: `INSTALLATION` / `LISTS`."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import clock, table


class ListsRow(table.CoreRow):
    """`passes` that came to their end, the last one `ended_ms`. In the present one `team` (a slug)
    is the team that was done last, and `project` the last one of the team after it.
    """

    passes = NumberAttribute(default=0)
    ended_ms = NumberAttribute(default=0)
    team = UnicodeAttribute(default="")
    project = UnicodeAttribute(default="")


def lists() -> ListsRow:
    """How far it is; at the beginning when nothing was written down."""
    return table.find(ListsRow, "INSTALLATION", "LISTS") or ListsRow("INSTALLATION", "LISTS")


def reached(row: ListsRow, team: str, project: str) -> None:
    """Write down behind which team, and which project of the next one, to go on."""
    row.team, row.project = team, project
    row.save()


def ended(row: ListsRow) -> None:
    """Write down that a pass came to its end."""
    row.passes, row.ended_ms = int(row.passes) + 1, clock.now_ms()
    row.team = row.project = ""
    row.save()
