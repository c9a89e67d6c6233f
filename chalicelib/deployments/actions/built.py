"""How a deployment was built, and what that cost and saved: the build as people see it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order
from chalicelib.builds.rows import Build
from chalicelib.deployments import rows
from chalicelib.deployments.rows import Deployment

RATED = 50
"""So many of the project's last builds make its hit rate."""

TELLING = ("timings", "steps", "tests", "caches", "findings", "versions")


def view(row: Deployment) -> dict[str, Any]:
    """What the API says of the build of a deployment; state `none` while or where there is none.

    A deployment that took the files of another one was not built: what is told of it is the build
    of that one, as `restored`, and all of its time was saved.
    """
    built = build_rows.get(order.build_id(row.restored or row.id))
    if built is None:
        nothing = dict.fromkeys(("id", "outcome", "size", "queued_ms", "ms", "machine", "plan"))
        more = dict.fromkeys(("versions", "scope", "restored", *TELLING))
        rate = hit_rate(row.project)
        told = {"state": "none", "attempt": 0, "report": [], "saved_ms": 0, "hit_rate": rate}
        return {**nothing, **more, **told}
    report: dict[str, Any] = dict(built.report or {})
    plan: dict[str, Any] = dict(built.plan or {})
    return {
        "id": built.id,
        "state": "restored" if row.restored else built.state,
        "outcome": built.outcome,
        "attempt": int(built.attempt),
        "size": built.size,
        "queued_ms": None if row.restored else _between(built.created_at, built.started_at),
        "ms": _between(built.started_at, built.finished_at),
        "machine": built.machine,
        "plan": _shown(plan) if plan else None,
        **{name: report.get(name) for name in TELLING},
        "scope": plan.get("scope"),
        "report": plan.get("report") or [],
        "restored": row.restored,
        "saved_ms": saved_ms(row, built),
        "hit_rate": hit_rate(row.project),
    }


def saved_ms(row: Deployment, built: Build) -> int:
    """Milliseconds that caches saved: the whole build, or the install that was not needed.

    What an install took that made the archive, less what this one took over it.
    """
    report: dict[str, Any] = dict(built.report or {})
    if row.restored:
        return _between(built.started_at, built.finished_at) or 0
    used = {c["kind"] for c in report.get("caches") or () if c["state"] in {"exact", "hit"}}
    spent = sum(
        int(cache.get("install_ms") or 0)
        for cache in (built.plan or {}).get("caches") or ()
        if cache["kind"] == "dependencies" and cache["kind"] in used
    )
    return max(0, spent - int((report.get("timings") or {}).get("install_ms") or 0))


def hit_rate(project: str) -> float | None:
    """How many of a project's last builds found something of an earlier one; None without any."""
    found, _ = rows.page(project, RATED, None, None, "ready")
    built = [row for row in found if row.source != "prebuilt"]
    hits = sum(1 for row in built if row.cache_hit or row.restored)
    return round(hits / len(built), 3) if built else None


def _shown(plan: dict[str, Any]) -> dict[str, Any]:
    """A plan as it was answered; what the row notes beside it is not of it."""
    caches = [{k: v for k, v in c.items() if k != "install_ms"} for c in plan.get("caches") or ()]
    return {**plan, "caches": caches}


def _between(start: str | None, end: str | None) -> int | None:
    """Milliseconds between two times; None when one of them is not known."""
    if not start or not end:
        return None
    took = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return max(0, round(took.total_seconds() * 1000))
