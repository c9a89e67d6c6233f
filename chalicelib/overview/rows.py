"""How far what an older make left has been listed (`INSTALLATION` / `LISTS`) and counted (`.. /
COUNTS#teams`, `.. / COUNTS#users`)."""

from __future__ import annotations

from typing import Literal

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import clock, table


class ListsRow(table.CoreRow):
    """`passes` that came to their end, the last one `ended_ms`. In the present one `team` (a slug)
    is the team that was done last, and `project` the last one of the team after it; where people
    are counted, the e-mail of who was counted last stands in place of a slug.
    """

    passes = NumberAttribute(default=0)
    ended_ms = NumberAttribute(default=0)
    team = UnicodeAttribute(default="")
    project = UnicodeAttribute(default="")


def lists() -> ListsRow:
    """How far it is; at the beginning when nothing was written down."""
    return _progress("LISTS")


def counts(kind: Literal["teams", "users"]) -> ListsRow:
    """How far those of an older make are counted; at the beginning likewise."""
    return _progress(f"COUNTS#{kind}")


def _progress(of: str) -> ListsRow:
    return table.find(ListsRow, "INSTALLATION", of) or ListsRow("INSTALLATION", of)


def reached(row: ListsRow, team: str, project: str) -> None:
    """Write down behind which team, and which project of the next one, to go on."""
    row.team, row.project = team, project
    row.save()


def ended(row: ListsRow) -> None:
    """Write down that a pass came to its end."""
    row.passes, row.ended_ms = int(row.passes) + 1, clock.now_ms()
    row.team = row.project = ""
    row.save()
