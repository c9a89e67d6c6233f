"""What a site refuses has changed, or which hosts it has: AWS WAF is told.

Comes with `route.changed`, `domain.changed` and `project.deleted`. What AWS WAF does not take is
written down for whoever made the guard; what fails otherwise fails here, and is tried again.
"""

from __future__ import annotations

from typing import Any

from chalicelib.clouds.aws.waf import Firewall, GuardRefusedError
from chalicelib.core.config import settings
from chalicelib.core.observe import logger
from chalicelib.domains.rows import domains
from chalicelib.projects import rows
from chalicelib.projects.rows import Project
from chalicelib.protection.actions import guard
from chalicelib.protection.rules.guard import compact

_TRIES = 5
"""How often a project may be changed while it is spoken of."""


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """EventBridge event -> `{"outcome": "put" | "removed" | "refused"}`; may come again.

    The newest guard is what is put: one that was changed meanwhile is put once more, so that of
    two calls for one project the later one does not leave what the earlier one had read.
    """
    project, firewall = str(event["detail"]["project"]), Firewall(settings())
    for _ in range(_TRIES):
        found = rows.get(project)
        if found is None or found.deleted_at or not found.guard:
            firewall.remove(project)
            outcome, fault = "removed", ""
        else:
            outcome, fault = _put(firewall, found)
        if _settled(found, fault):
            return {"outcome": outcome}
    raise RuntimeError(f"{project} was changed {_TRIES} times while its guard was put into force")


def _put(firewall: Firewall, project: Project) -> tuple[str, str]:
    document = guard.shown(project)
    try:
        firewall.put(project.id, document, compact(document), _hosts(project))
    except GuardRefusedError as error:
        logger().warning("guard_refused", extra={"project": project.id, "fault": str(error)})
        return "refused", str(error)
    return "put", ""


def _hosts(project: Project) -> list[str]:
    """The site's own host, then the domains that it has proven."""
    own = settings().site_host(project.slug)
    brought = (row.host for row in domains.of_project(project.id))
    return [own, *(h for h in brought if domains.holds(domains.claim(h), project.id))]


def _settled(before: Project | None, fault: str) -> bool:
    """Whether the project still says what was done."""
    if before is None:
        return True
    now = rows.get(before.id)
    if now is None or now.deleted_at:
        return bool(before.deleted_at)
    return int(now.version) == int(before.version) and guard.settle(now, fault)
