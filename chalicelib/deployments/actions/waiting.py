"""Deployments that are ready and wait to go live go live once nothing holds them any more.

Of several the newest does. One that waited from before a person promoted or rolled back waits no
more: that person has chosen what is live.
"""

from __future__ import annotations

from collections import defaultdict

from chalicelib.core.observe import logger
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import holds, pointer, show
from chalicelib.deployments.rows import Deployment
from chalicelib.projects import rows as project_rows


def go_on(only: str | None = None) -> int:
    """Look again at what waits, in every project or in one; how many were carried on."""
    waiting: dict[str, list[Deployment]] = defaultdict(list)
    for identifier in list(rows.held_back()):
        row = rows.get(identifier)
        if row is not None and row.held and only in {None, row.project}:
            waiting[row.project].append(row)
    count = 0
    for project, several in waiting.items():
        for row in sorted(several, key=lambda one: int(one.sequence), reverse=True):
            try:
                count += _look(row)
            except Exception:  # one that is broken keeps none of the others
                logger().exception("held", extra={"deployment": row.id, "project": project})
    return count


def _look(row: Deployment) -> bool:
    project = project_rows.get(row.project)
    current = project_rows.pointer(row.project)
    if project is None or project.deleted_at or row.removed_at or _decided(row, current):
        rows.still_held(row, None)
        return False
    held = holds.why(project, row, current)
    if held is None:
        pointer.go_live(row)
        return True
    known = dict(row.held or {})
    if holds.since(held, known) != known:
        rows.still_held(row, holds.since(held, known))
        show.tell(row)
    return False


def _decided(row: Deployment, current: project_rows.Pointer | None) -> bool:
    """Whether something newer is live or on its way there, or a person has chosen since."""
    if current is None:
        return False
    if current.deployment == row.id or (current.chosen_at or "") > row.held["since"]:
        return True
    return rules.may_promote(pointer.place(current), int(row.sequence)) == "older"
