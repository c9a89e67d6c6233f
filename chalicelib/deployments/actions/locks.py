"""What people keep a site with where it is: a lock, and the pin that a rollback leaves.

While a project is locked nothing goes live but what a rollback brings back; while it is pinned
pushes do not.
"""

from __future__ import annotations

from pynamodb.exceptions import UpdateError

from chalicelib.core import clock, table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, not_found
from chalicelib.deployments.actions import canary, moving, pointer, sites, waiting
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer, Project

TRIES = 12


def lock(actor: Actor, project: Project, reason: str) -> Project:
    """Lock a project; a rollout that runs is taken back. A lock that is there gets the new reason.

    First the lock, which keeps every rollout from showing anything further, then its canary.
    """
    kept = {"by": actor.id, "at": clock.iso(), "reason": reason[:500]}
    try:
        project.update(
            actions=[Project.lock.set(kept)], condition=Project.deleted_at.does_not_exist()
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        raise not_found("project", project.id) from None
    for _ in range(TRIES):
        current = project_rows.pointer(project.id)
        if current is None or not current.canary:
            return project
        left = current.canary
        if moving.rewrite(current, canary.clearing(current)):
            sites.take_off(project.id, left)
            return project
    raise _busy()


def unlock(project: Project) -> Project:
    """Take the lock away; what waited for that goes live, the newest of it."""
    project.update(actions=[Project.lock.remove()], condition=Project.pk.exists())
    waiting.go_on(project.id)
    return project


def unpin(project: Project) -> Pointer:
    """Let pushes move the pointer again; what waited for that goes live, the newest of it."""
    for _ in range(TRIES):
        current = project_rows.pointer(project.id)
        if current is None:
            raise Conflict("nothing_live", "Nothing is live yet.", hint="Deploy to production.")
        if not current.pinned:
            return current
        if moving.rewrite(current, {"pinned": False}):
            sites.tell_edge(project.id)
            waiting.go_on(project.id)
            return project_rows.pointer(project.id) or current
        if pointer.gone(project.id):
            raise not_found("project", project.id)
    raise _busy()


def _busy() -> Conflict:
    return Conflict("pointer_busy", "The site is being changed by others.", hint="Try again.")
