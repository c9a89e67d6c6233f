"""Performing a route, with the change that it makes in the audit log."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Problem
from chalicelib.core.http import declare
from chalicelib.core.http.declare import INSTALLATION, PUBLIC, Call, Raw, Route
from chalicelib.core.trail import Recorder, Trail, visible

Answer = tuple[int, Any, dict[str, str]]
"""Status, JSON content and headers."""


def trail_of(
    route: Route, actor: Actor, scope: Any, path: dict[str, str], request_id: str
) -> Trail:
    """What is known before the view. Ids rather than the names that a path may hold instead."""
    owner = str(getattr(scope, "id", "") or getattr(scope, "team", ""))
    last, resource = next(reversed(path.items()), ("", ""))
    of = owner
    if last and last == route.scope:
        resource, of = owner or resource, str(getattr(scope, "project", ""))
    return Trail(
        id=request_id,
        at=clock.now_ms(),
        action=f"{route.tag}.{route.view.__name__}",
        actor=actor,
        team=_log_of(route, actor, scope),
        resource=resource,
        of=of,
        label=str(getattr(scope, "slug", "")),
        ip=actor.ip,
        agent=actor.agent,
    )


def _log_of(route: Route, actor: Actor, scope: Any) -> str:
    """The team in whose log a change belongs; none for what is the installation's."""
    if route.scope == INSTALLATION:
        return ""
    return str(getattr(scope, "team", "") or actor.team or actor.home)


def recorded(route: Route, call: Call) -> Answer:
    """Perform, with the change in the audit log whatever happens to this process.

    A change is announced before it is made, so one whose end nobody tells (this process died, or
    failed in a way that leaves open what it did) is known as well. A refusal changed nothing.
    """
    recorder = declare.recorders[0] if declare.recorders and route.audited else None
    if recorder is None:
        return _perform(route, call)
    trail = call.trail
    trail.after = visible(call.body)
    known = trail.team, trail.resource
    # a stranger's attempts write nothing: what a public route changes is told when it is done
    if route.permission != PUBLIC:
        recorder.open(trail)
        trail.opened = True
    try:
        answer = _perform(route, call)
    except Problem as problem:
        if problem.status < 500:
            trail.outcome = "refused"
            trail.kept = trail.kept and trail.insisted
            _close(recorder, trail)
        raise
    _learn(trail, route, answer[1], known)
    _close(recorder, trail)
    return answer


def _close(recorder: Recorder, trail: Trail) -> None:
    if not trail.kept:
        if trail.opened:
            recorder.discard(trail)
    elif trail.opened or trail.team:
        recorder.close(trail)


def _learn(trail: Trail, route: Route, content: Any, known: tuple[str, str]) -> None:
    """What the answer tells of a change, unless the view did: what was made, and whose it is."""
    if not isinstance(content, dict):
        return
    made, team = content.get("id"), content.get("team")
    if isinstance(made, str) and trail.resource == known[1]:
        if route.status == 201 and made != trail.resource:
            trail.of = trail.resource or trail.of
            trail.resource = made
        trail.resource = trail.resource or made
    if isinstance(team, str) and ids.is_id(team, "team") and trail.team == known[0]:
        trail.team = team
    trail.label = trail.label or str(content.get("slug") or "")


def _perform(route: Route, call: Call) -> Answer:
    result = route.view(call)
    extra: dict[str, str] = {}
    status = route.status
    if isinstance(result, tuple):
        result, extra, *other = result
        status = other[0] if other else status
    if route.status == 204 or result is None:
        return 204, None, extra
    if route.status == 302 or isinstance(result, Raw):
        return route.status, result, extra
    content = result.model_dump(mode="json") if isinstance(result, BaseModel) else result
    etag = extra.get("ETag")
    if etag and route.method == "GET" and call.headers.get("if-none-match") == etag:
        return 304, None, extra
    return status, content, extra
