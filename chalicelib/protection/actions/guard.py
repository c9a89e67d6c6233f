"""What a site refuses: the guard of a project, which its route carries to the edge."""

from __future__ import annotations

from typing import Any

from chalicelib.core import etag
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.projects.actions import telling
from chalicelib.projects.rows import Project
from chalicelib.protection.rules import guard as rules


def shown(project: Project) -> dict[str, Any]:
    """The guard of a project; without one the guard that refuses nothing."""
    return {**rules.empty(), **dict(project.guard or {})}


def put(project: Project, document: dict[str, Any], expected_version: int | None) -> None:
    """Replace the guard. The edge goes by it within seconds.

    Raises Invalid `invalid_guard` that names every fault, Conflict when the project was changed
    since it had `expected_version`.
    """
    found = rules.faults(document)
    if found:
        raise Invalid(
            "invalid_guard",
            found[0].detail,
            hint="Correct the guard; nothing was changed.",
            errors=tuple(FieldError(one.pointer, one.detail, "invalid_guard") for one in found),
        )
    if expected_version is not None and expected_version != int(project.version):
        raise etag.stale(int(project.version))
    guard = rules.completed(document)
    if shown(project) == guard:
        telling.announce(project.id)
        return
    kept = Project.guard.remove() if guard == rules.empty() else Project.guard.set(guard)
    if not telling.change(project, [kept]):
        raise etag.stale(int(project.version))
