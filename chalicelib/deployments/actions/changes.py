"""A project's settings changed what its routes say: the edge is told of its site and aliases."""

from __future__ import annotations

from chalicelib.core.observe import logger
from chalicelib.deployments.actions import aliases, sites
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import telling


def tell(project: str) -> bool:
    """Tell the edge what a project says now; False when it is gone. Repeating it is harmless."""
    found = project_rows.get(project)
    if found is None or found.deleted_at:
        return False
    sites.tell_edge(project)
    aliases.tell_all(project)
    telling.told(found)  # of this version; one that came meanwhile stays on the list
    return True


def tell_again() -> int:
    """Tell of every change that the edge may not have heard of; how many there were."""
    count = 0
    for project in list(project_rows.untold()):
        try:
            count += tell(project)
        except Exception:  # one that is broken keeps none of the others
            logger().exception("route_untold", extra={"project": project})
    return count
