"""Changes of a project that its route speaks of: settings that an edge goes by.

The project's `version` is the revision of its route. Whoever changes what a route says raises it,
puts the project on the list of those whose change the edge may not have heard of, and says so on
the bus; `functions/events/route_changed.py` tells the edge, and so does the sweep for those that
are still on the list.
"""

from __future__ import annotations

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.core import clock, table
from chalicelib.ports import services
from chalicelib.projects import rows
from chalicelib.projects.rows import Project

ROUTE_CHANGED = "route.changed"


def marks(project: Project) -> list[Action]:
    """What a change of a route writes into the project's row beside itself.

    It counts from the version that `project` has, so the write is on condition of that one.
    """
    return [
        Project.version.set(int(project.version) + 1),
        Project.updated_at.set(clock.iso()),
        Project.gsi2pk.set(rows.UNTOLD),
        Project.gsi2sk.set(project.id),
    ]


def announce(project: str) -> None:
    """Say that a project's route has changed; what is lost on the way the sweep makes good."""
    services().bus.put(ROUTE_CHANGED, {"version": 1, "project": project})


def change(project: Project, updates: list[Action], condition: Condition | None = None) -> bool:
    """Change what a route says, and say so; False when the row is not as `project` has it.

    Afterwards `project` holds what the table holds.
    """
    unchanged = (Project.version == int(project.version)) & Project.deleted_at.does_not_exist()
    if condition is not None:
        unchanged &= condition
    try:
        project.update(actions=[*updates, *marks(project)], condition=unchanged)
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        project.refresh(consistent_read=True)
        return False
    announce(project.id)
    return True


def told(project: Project) -> None:
    """The edge has heard of the version that `project` has: take it off the list."""
    if project.gsi2pk != rows.UNTOLD:
        return
    try:
        project.update(
            actions=[Project.gsi2pk.remove(), Project.gsi2sk.remove()],
            condition=(Project.version == int(project.version)) & (Project.gsi2pk == rows.UNTOLD),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
