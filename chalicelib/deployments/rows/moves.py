"""Rows of the production pointer's history."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import table
from chalicelib.projects.rows import key as project_key


class PointerMove(table.CoreRow):
    """One move of the production pointer."""

    generation = NumberAttribute()
    deployment = UnicodeAttribute()
    moved_at = UnicodeAttribute()
    moved_by = UnicodeAttribute()
    reason = UnicodeAttribute(default="")


def moves(project: str, limit: int = 20) -> list[PointerMove]:
    """The last moves of the pointer, newest first."""
    found = PointerMove.query(
        project_key(project),
        PointerMove.sk.startswith("PTRLOG#"),
        consistent_read=True,
        scan_index_forward=False,
        limit=limit,
    )
    return list(found)


def move_row(
    project: str, generation: int, deployment: str, *, at: str, by: str, why: str
) -> PointerMove:
    """A move, not yet saved."""
    return PointerMove(
        pk=project_key(project),
        sk=f"PTRLOG#{generation:010d}",
        generation=generation,
        deployment=deployment,
        moved_at=at,
        moved_by=by,
        reason=why,
    )
