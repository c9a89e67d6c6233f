"""What a site refuses: the guard of a project, which its route carries to the edge."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import UpdateError

from chalicelib.core import etag, table
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.ports import services
from chalicelib.projects.actions import telling
from chalicelib.projects.rows import Project
from chalicelib.protection.rules import guard as rules


def shown(project: Project) -> dict[str, Any]:
    """The guard of a project; without one the guard that refuses nothing."""
    return {**rules.empty(), **dict(project.guard or {})}


def put(project: Project, document: dict[str, Any], expected_version: int | None) -> None:
    """Replace the guard. The edge goes by it within seconds.

    Raises Invalid `invalid_guard` that names every fault, `guard_not_possible` for what the edge of
    this installation cannot do, Conflict when the project was changed
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
    guard = rules.completed(document)
    cannot = "" if guard == rules.empty() else services().edge.guard_refusal(guard)
    if cannot:
        raise Invalid(
            "guard_not_possible",
            cannot,
            hint="Change the guard, or ask whoever runs the installation; nothing was changed.",
        )
    if expected_version is not None and expected_version != int(project.version):
        raise etag.stale(int(project.version))
    if shown(project) == guard:
        telling.announce(project.id)
        return
    kept = Project.guard.remove() if guard == rules.empty() else Project.guard.set(guard)
    if not telling.change(project, [kept]):
        raise etag.stale(int(project.version))


def settle(project: Project, fault: str) -> bool:
    """Write down why the guard that `project` has is not in force, or that it is (empty).

    False when the project was changed meanwhile: then that guard is not to be spoken of any more.
    """
    if str(project.guard_fault) == fault:
        return True
    try:
        project.update(
            actions=[Project.guard_fault.set(fault)],
            condition=Project.version == int(project.version),
        )
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True
