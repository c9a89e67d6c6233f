"""From a request to its answer: authenticate, authorise, read, view, and one shape for errors."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib.core import ids, stepup
from chalicelib.core.actor import Actor
from chalicelib.core.errors import (
    Forbidden,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
)
from chalicelib.core.http import declare, read
from chalicelib.core.http.declare import PUBLIC, SIGNED_IN, Call, Raw, Route
from chalicelib.core.http.recorded import Answer, recorded, trail_of
from chalicelib.core.observe import logger, printable


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
            problem = as_problem(error, route, request_id)
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


def as_problem(error: Exception, route: Route, request_id: str) -> Problem:
    """What is said of an error: itself, or, when nobody foresaw it, that it was logged."""
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
        require_scope(route, actor)
    except Problem:
        count(route, Actor("anonymous", "anonymous", ip=ip, agent=agent), counted)
        raise
    asked = Asked(
        path, headers, partial(read.raw_body, request), partial(read.query_of, request), request_id
    )
    return answered(route, actor, asked, counted)


@dataclass(frozen=True)
class Asked:
    """What somebody sent to a route; body and query are read once they are known to be allowed."""

    path: dict[str, str]
    headers: dict[str, str]
    raw: Callable[[], bytes]
    query: Callable[[], dict[str, Any]]
    request_id: str


def answered(
    route: Route, actor: Actor, asked: Asked, counted: dict[str, str] | None = None
) -> Answer:
    """What a route answers to an actor whose token is good for it; raises Problem."""
    count(route, actor, counted)
    path, headers = asked.path, asked.headers
    scope = None
    if route.scope is not None:
        scope = declare.authorisers[route.scope](actor, route.permission, route.scope, path)
    if route.step_up:
        stepup.require(actor)
    raw = asked.raw()
    call = Call(
        actor=actor,
        path=path,
        body=read.body(route, raw, headers),
        query=read.query(route, asked.query()),
        headers=headers,
        raw=raw,
        request_id=asked.request_id,
        source_ip=actor.ip,
        scope=scope,
        route=f"{route.method} {route.path}",
        trail=trail_of(route, actor, scope, path, asked.request_id),
    )
    key = headers.get("idempotency-key")
    if key is None or not route.replayable or route.passes_on:
        return recorded(route, call)
    from chalicelib.core import idempotency

    fingerprint = idempotency.fingerprint(
        call.route,
        path,
        call.body.model_dump(mode="json") if call.body is not None else raw.hex(),
        call.query.model_dump(mode="json") if call.query is not None else None,
    )
    return idempotency.once(actor.id, key, fingerprint, lambda: recorded(route, call))


def count(route: Route, actor: Actor, counted: dict[str, str] | None) -> None:
    """Ask who counts requests; raises TooMany."""
    for limiter in declare.limiters:
        found = limiter(route, actor)
        if counted is not None:
            counted.update(found)


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
    return declare.authenticators[route.bearer](token.strip())


def require_scope(route: Route, actor: Actor) -> None:
    """Raise Forbidden `missing_scope` for a key that was made for something else."""
    needed = route.permission
    if needed not in {PUBLIC, SIGNED_IN} and actor.scopes and needed not in actor.scopes:
        raise Forbidden(
            "missing_scope",
            f"This key does not have the scope {needed!r}.",
            hint="Make a key with that scope, or use another one.",
        )
