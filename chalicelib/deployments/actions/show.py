"""A deployment as people see it, and telling those who watch."""

from __future__ import annotations

from typing import Any

from chalicelib.core import clock, ids
from chalicelib.core.config import settings
from chalicelib.deployments import rules
from chalicelib.deployments.actions import aliases
from chalicelib.deployments.rows import Deployment
from chalicelib.live import actions as live
from chalicelib.live import feed
from chalicelib.projects import rows as project_rows


def url(row: Deployment) -> str:
    """The deployment's own address, for ever."""
    return settings().site_url(f"{ids.label(row.id)}--{row.slug}")


def view(row: Deployment, live_id: str | None) -> dict[str, Any]:
    """What the API says of a deployment; `live_id` is what the production pointer names."""
    return {
        "id": row.id,
        "project": row.project,
        "slug": row.slug,
        "state": row.state,
        "target": row.target,
        "environment": row.environment or row.target,
        "trigger": row.trigger,
        "trust": row.trust,
        "url": url(row),
        "alias_url": aliases.url(row),
        "production_url": settings().site_url(row.slug),
        "branch": row.branch,
        "tag": row.tag,
        "pull": int(row.pull) or None,
        "commit": row.commit,
        "message": row.message,
        "source": row.source,
        "provider": row.provider,
        "sequence": int(row.sequence),
        "build": row.build,
        "framework": row.framework,
        "error": row.error,
        "stages": stages(row),
        "files": int(row.files),
        "bytes": int(row.bytes),
        "cache_hit": bool(row.cache_hit),
        "restored": row.restored,
        "live": row.id == live_id,
        "held": None if row.id == live_id else row.held,
        "created_by": row.created_by,
        "created_at": row.created_at,
        "ready_at": row.ready_at,
        "finished_at": row.finished_at,
        "expires_at": row.expires_at,
        "removed_at": row.removed_at,
    }


def event(row: Deployment) -> dict[str, Any]:
    """The detail of `deployment.started` and `deployment.finished`."""
    error = dict(row.error or {})
    return {
        "version": 1,
        "deployment": row.id,
        "project": row.project,
        "team": row.team,
        "slug": row.slug,
        "state": row.state,
        "target": row.target,
        "environment": row.environment or row.target,
        "trigger": row.trigger,
        "trust": row.trust,
        "branch": row.branch,
        "tag": row.tag,
        "commit": row.commit,
        "pull": int(row.pull) or None,
        "provider": row.provider,
        "url": url(row),
        "alias_url": aliases.url(row),
        "error": {"code": error.get("code"), "message": error.get("message")} if error else None,
        "finished_at": row.finished_at,
    }


def stages(row: Deployment) -> list[dict[str, Any]]:
    """Every stage with its times; the one it stopped in carries the outcome."""
    kept: dict[str, dict[str, Any]] = dict(row.stages or {})
    found = []
    for name in rules.STAGES:
        times = kept.get(name)
        if times is None:
            if row.state in rules.TERMINAL:
                found.append(
                    {"name": name, "state": "skipped", "started_at": None, "ended_at": None}
                )
            continue
        ended = times.get("ended_at")
        state = times.get("state") or ("done" if ended else "running")
        if state == "running" and row.state in rules.TERMINAL:
            state, ended = ("failed" if row.state != "ready" else "done"), row.finished_at
        found.append(
            {"name": name, "state": state, "started_at": times["started_at"], "ended_at": ended}
        )
    return found


def entered(row: Deployment, state: str) -> dict[str, Any]:
    """The stages after entering `state`: the ones before it are done."""
    now = clock.iso()
    kept: dict[str, dict[str, Any]] = {n: dict(t) for n, t in (row.stages or {}).items()}
    for times in kept.values():
        times.setdefault("ended_at", now)
    name = rules.STAGE_OF[state]
    if name not in kept:
        kept[name] = {"started_at": now}
    else:
        kept[name].pop("ended_at", None)
    return kept


def closed(row: Deployment, **marks: str) -> dict[str, Any]:
    """The stages when all is over; `marks` sets the state of single stages."""
    now = clock.iso()
    kept: dict[str, dict[str, Any]] = {n: dict(t) for n, t in (row.stages or {}).items()}
    for name, times in kept.items():
        times.setdefault("ended_at", now)
        if name in marks:
            times["state"] = marks[name]
    return kept


def tell(row: Deployment) -> None:
    """Send a deployment to whoever watches it, or its team."""
    live.tell(row.id, lambda: told(row))
    feed.moved(row.team, row.project, row.id)


def told(row: Deployment) -> dict[str, Any]:
    """What a watcher gets of a deployment."""
    production = project_rows.production_of(row.project)
    return {"type": "deployment", "deployment": view(row, production)}
