"""From a request to its answer: authenticate, authorise, read, view, and one shape for errors."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from chalice.app import Blueprint, Request, Response
from pydantic import BaseModel

from chalicelib.core import clock, ids, stepup
from chalicelib.core.actor import Actor
from chalicelib.core.errors import (
    Forbidden,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
)
from chalicelib.core.http import declare, read
from chalicelib.core.http.declare import INSTALLATION, PUBLIC, SIGNED_IN, Call, Raw, Route
from chalicelib.core.observe import logger, printable
from chalicelib.core.trail import Recorder, Trail, visible


def no_route(methods: Iterable[str] = ()) -> Response:
    """The answer to an address that is not in the table, or not with this method."""
    allowed = ", ".join(sorted(methods))
    if allowed:
        problem = Problem(
            "method_not_allowed",
            f"This address answers {allowed}.",
            hint="Use one of these methods.",
            status=405,
            headers={"Allow": allowed},
        )
        problem.title = "Method not allowed"
    else:
        problem = NotFound(
            "route_not_found",
            "The API has no such address.",
            hint="GET /v1/openapi.json lists every address.",
        )
    request_id = ids.new("req")
    return _response(problem.status, problem.body(request_id), problem_headers(problem), request_id)


def problem_headers(problem: Problem) -> dict[str, str]:
    """Headers of an error answer."""
    headers = {"Content-Type": "application/problem+json", **problem.headers}
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="clouddeck", error="invalid_token"')
    return headers


def entry_of(route: Route, blueprint: Blueprint) -> Callable[..., Response]:
    """The function that Chalice calls for a route."""

    def entry(**path: str) -> Response:
        started = time.perf_counter()
        request_id = ids.new("req")
        counted: dict[str, str] = {}
        try:
            status, content, headers = answer_of(
                route, blueprint.current_request, path, request_id, counted
            )
        except Exception as error:
            problem = _as_problem(error, route, request_id)
            status, content = problem.status, problem.body(request_id)
            headers = problem_headers(problem)
        headers = {**counted, **headers}
        logger().info(
            "request",
            extra={
                "method": route.method,
                "route": route.path,
                "status": status,
                "ms": round((time.perf_counter() - started) * 1000, 2),
                "request_id": request_id,
            },
        )
        return _response(status, content, headers, request_id)

    return entry


def _as_problem(error: Exception, route: Route, request_id: str) -> Problem:
    if isinstance(error, Problem):
        return error
    from chalicelib.core.table import out_of_reach

    logger().error(
        "unexpected",
        exc_info=error,
        extra={"request_id": request_id, "method": route.method, "route": route.path},
    )
    if out_of_reach(error):
        return Unavailable(
            "database_unavailable",
            "The database does not answer right now.",
            hint="The same request may work in a moment.",
        )
    return Problem(
        "internal",
        "CloudDeck failed to handle this request. It was logged.",
        hint=f"Try again; if it stays, report request id {request_id}.",
    )


def _response(status: int, content: Any, headers: dict[str, str], request_id: str) -> Response:
    if status in {204, 302, 304}:
        text = ""
    elif isinstance(content, Raw):
        text, headers = content.text, {"Content-Type": content.type, **headers}
    else:
        text = json.dumps(content, separators=(",", ":"))
    return Response(
        body=text,
        status_code=status,
        headers={
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Request-Id": request_id,
            **headers,
        },
    )


Answer = tuple[int, Any, dict[str, str]]
"""Status, JSON content and headers."""


def answer_of(
    route: Route,
    request: Request,
    path: dict[str, str],
    request_id: str,
    counted: dict[str, str] | None = None,
) -> Answer:
    """The answer to one request; raises Problem. `counted` gets the headers of the rate limit."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    for name, value in path.items():
        read.check_path_parameter(name, value)
    # what the gateway saw, never what a header says
    ip = str(request.context.get("identity", {}).get("sourceIp", ""))
    agent = printable(headers.get("user-agent", ""))[:200]
    try:
        actor = replace(_authenticate(route, headers), ip=ip, agent=agent)
    except Problem:
        _count(route, Actor("anonymous", "anonymous", ip=ip, agent=agent), counted)
        raise
    _count(route, actor, counted)
    scope = None
    if route.scope is not None:
        scope = declare.authorisers[route.scope](actor, route.permission, route.scope, path)
    if route.step_up:
        stepup.require(actor)
    raw = read.raw_body(request)
    call = Call(
        actor=actor,
        path=path,
        body=read.body(route, raw, headers),
        query=read.query(route, request),
        headers=headers,
        raw=raw,
        request_id=request_id,
        source_ip=actor.ip,
        scope=scope,
        route=f"{route.method} {route.path}",
        trail=_trail(route, actor, scope, path, request_id),
    )
    key = headers.get("idempotency-key")
    if key is None or not route.replayable:
        return _recorded(route, call)
    from chalicelib.core import idempotency

    fingerprint = idempotency.fingerprint(
        call.route,
        path,
        call.body.model_dump(mode="json") if call.body is not None else raw.hex(),
        call.query.model_dump(mode="json") if call.query is not None else None,
    )
    return idempotency.once(actor.id, key, fingerprint, lambda: _recorded(route, call))


def _count(route: Route, actor: Actor, counted: dict[str, str] | None) -> None:
    """Ask who counts requests; raises TooMany."""
    for limiter in declare.limiters:
        found = limiter(route, actor)
        if counted is not None:
            counted.update(found)


def _trail(route: Route, actor: Actor, scope: Any, path: dict[str, str], request_id: str) -> Trail:
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


def _recorded(route: Route, call: Call) -> Answer:
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


def _authenticate(route: Route, headers: dict[str, str]) -> Actor:
    if route.permission == PUBLIC:
        return Actor(kind="anonymous", id="anonymous")
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if not scheme:
        raise Unauthenticated(
            "not_signed_in",
            "This needs a signed-in caller.",
            hint="Send `Authorization: Bearer <access token or API key>`; `deck login` gets one.",
            headers={"WWW-Authenticate": 'Bearer realm="clouddeck"'},
        )
    if scheme.lower() != "bearer" or not token or len(token) > 8192:
        raise Unauthenticated(
            "token_malformed",
            "The Authorization header is not `Bearer <token>`.",
            hint="Send an access token or an API key after the word Bearer.",
            headers={"WWW-Authenticate": 'Bearer realm="clouddeck", error="invalid_request"'},
        )
    actor = declare.authenticators[route.bearer](token.strip())
    needed = route.permission
    if needed not in {PUBLIC, SIGNED_IN} and actor.scopes and needed not in actor.scopes:
        raise Forbidden(
            "missing_scope",
            f"This key does not have the scope {needed!r}.",
            hint="Make a key with that scope, or use another one.",
        )
    return actor
