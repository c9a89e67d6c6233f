"""What differs between two deployments of a project: all that a release is made of."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from chalicelib.artifacts import actions as artifacts
from chalicelib.core.errors import Conflict
from chalicelib.deployments import rows
from chalicelib.deployments.rows import Deployment
from chalicelib.deployments.rules import differences
from chalicelib.edge.rules.routing.model import Routing
from chalicelib.routing.actions import freeze


def compare(first: Deployment, second: Deployment) -> dict[str, Any]:
    """What leads from one deployment to another.

    Raises Conflict `other_project`, `not_published` or `deployment_removed`.
    """
    if first.project != second.project:
        raise Conflict(
            "other_project",
            "Two deployments of one project are compared, not of two.",
            hint="`deck list` shows those of a project.",
        )
    for row in (first, second):
        _check(row)
    one, two = rows.release(first.id), rows.release(second.id)
    files = differences.files(artifacts.listing(first.id), artifacts.listing(second.id))
    variables = differences.names(
        dict(one.variables) if one else {}, dict(two.variables) if two else {}
    )
    settings = differences.names(dict(first.settings or {}), dict(second.settings or {}))
    schedules = _named(one, two)
    rules = _rules(first, second)
    found = [*files.counts.values(), *map(len, asdict(variables).values())]
    found += [*map(len, asdict(settings).values()), *map(len, schedules.values())]
    return {
        "first": _about(first),
        "second": _about(second),
        "same": not any(found) and rules["same"],
        "files": asdict(files),
        "rules": rules,
        "variables": asdict(variables),
        "schedules": schedules,
        "settings": asdict(settings),
        "known": one is not None and two is not None,
    }


def _check(row: Deployment) -> None:
    if row.removed_at:
        raise Conflict(
            "deployment_removed",
            f"{row.id} was a preview and was removed at {row.removed_at}.",
            hint="Deploy its commit again.",
        )
    if not row.published:
        raise Conflict(
            "not_published", f"{row.id} is {row.state} and has no files yet.", hint="Wait for it."
        )


def _about(row: Deployment) -> dict[str, Any]:
    plain = ("id", "commit", "branch", "message", "framework", "created_at", "created_by")
    return {name: getattr(row, name) for name in plain}


def _named(one: rows.Release | None, two: rows.Release | None) -> dict[str, list[Any]]:
    before, after = (
        {str(s["name"]): s for s in (found.schedules if found else ())} for found in (one, two)
    )
    found = differences.names(before, after)
    return {
        "added": [after[name] for name in found.added],
        "removed": [before[name] for name in found.removed],
        "changed": [after[name] for name in found.changed],
    }


def _rules(first: Deployment, second: Deployment) -> dict[str, Any]:
    if first.routing == second.routing:
        return {"same": True, "added": [], "removed": [], "reordered": False}
    before, after = (differences.lines(_routing(row)) for row in (first, second))
    added = [line for key, line in after.items() if key not in before]
    removed = [line for key, line in before.items() if key not in after]
    return {
        "same": False,
        "added": added[: differences.SHOWN],
        "removed": removed[: differences.SHOWN],
        "reordered": not added and not removed,
    }


def _routing(row: Deployment) -> Routing | None:
    return freeze.stored(row.team, row.routing) if row.routing else None
