"""Asking one route from the view of another, as if the caller had sent that request too."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Problem
from chalicelib.core.http import read
from chalicelib.core.http.answer import (
    Asked,
    answered,
    as_problem,
    count,
    require_scope,
)
from chalicelib.core.http.declare import Call, Route
from chalicelib.core.http.recorded import Answer


def ask(
    call: Call,
    route: Route,
    path: dict[str, str],
    *,
    query: dict[str, Any] | None = None,
    body: dict[str, Any] | None = None,
    key: str | None = None,
) -> Answer:
    """The answer of `route` to whoever made `call`: counted, authorised and audited like a request.

    `key` is the Idempotency-Key of this asking. Raises Problem, for whatever goes wrong.
    """
    actor, request_id = call.actor, ids.new("req")
    headers = {"user-agent": call.headers.get("user-agent", "")}
    if key is not None:
        headers["idempotency-key"] = key
    raw = b"" if body is None else json.dumps(body).encode()
    try:
        for name, value in path.items():
            read.check_path_parameter(name, value)
        try:
            require_scope(route, actor)
        except Problem:
            count(route, Actor("anonymous", "anonymous", ip=actor.ip, agent=actor.agent), None)
            raise
        asked = Asked(path, headers, lambda: raw, lambda: dict(query or {}), request_id)
        return answered(route, replace(actor), asked)
    except Exception as error:
        raise as_problem(error, route, request_id) from error
