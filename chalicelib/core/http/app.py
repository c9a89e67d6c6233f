"""The Chalice side: blueprints whose routes carry their declaration, and the app."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from chalice.app import Blueprint, Chalice, CORSConfig, Request
from pydantic import BaseModel

from chalicelib.core.http.answer import entry_of, no_route
from chalicelib.core.http.declare import PUBLIC, SIGNED_IN, TABLE, Call, Route
from chalicelib.core.rates import CLASSES, FREE

CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["If-Match", "If-None-Match", "Idempotency-Key"],
    expose_headers=[
        *("ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"),
        *("X-Next-Cursor", "X-Request-Id"),
    ],
    max_age=7200,
)
"""Pages of every origin may ask, because asking proves nothing: no cookie is read here, and whoever
has a token could send it without a browser. On AWS the console has an origin of its own."""


class Routes(Blueprint):  # type: ignore[misc]  # chalice has no types
    """A Chalice blueprint whose routes carry permission, models and one error shape."""

    def __init__(self, tag: str, token: str = "user") -> None:  # noqa: S107  # a kind of token
        super().__init__(f"chalicelib.{tag}.routes")
        self.tag = tag
        self.token = token

    def get(self, path: str, **options: Any) -> Callable[[Callable[[Call], Any]], Any]:
        """A GET route; options as of `add`."""
        return self.add("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[Callable[[Call], Any]], Any]:
        """A POST route; options as of `add`."""
        return self.add("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[Callable[[Call], Any]], Any]:
        """A PUT route; options as of `add`."""
        return self.add("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[Callable[[Call], Any]], Any]:
        """A PATCH route; options as of `add`."""
        return self.add("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Callable[[Call], Any]], Any]:
        """A DELETE route; options as of `add`."""
        return self.add("DELETE", path, **options)

    def add(
        self,
        method: str,
        path: str,
        *,
        permission: str,
        answer: type[BaseModel],
        scope: str | None = None,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        status: int = 200,
        problems: tuple[int, ...] = (),
        limit: str = "",
        step_up: bool = False,
        audited: bool | None = None,
        form: bool = False,
        produces: tuple[str, ...] = (),
        also: tuple[int, ...] = (),
        passes_on: bool = False,
    ) -> Callable[[Callable[[Call], Any]], Any]:
        """Register a view under `/v1<path>`.

        `permission` is PUBLIC, SIGNED_IN or a name such as `project.read`; `scope` says whose
        resource the path names and therefore which authoriser decides; `problems` are the status
        codes beyond the usual ones, for OpenAPI. `limit` names a class of `core/rates.py`, else
        reading and writing have theirs. `step_up` asks people for a fresh proof of identity.
        Every change leaves a row in the audit log unless `audited` is False: then the route
        changes nothing, or the log has it from somewhere else. `form` reads a form instead of
        JSON; `produces` are content types of a view that answers with `Raw`. `also` are other
        statuses of success; a view that wants one returns (answer, headers, status). `passes_on`
        leaves `Idempotency-Key` to the routes that the view asks; see `within.py`.
        """
        if permission not in {PUBLIC, SIGNED_IN} and not re.fullmatch(
            r"[a-z]+\.[a-z_]+", permission
        ):
            raise ValueError(f"{method} {path}: {permission!r} is no permission")
        if limit and limit != FREE and limit not in CLASSES:
            raise ValueError(f"{method} {path}: {limit!r} is no class of requests")

        def register(view: Callable[[Call], Any]) -> Callable[[Call], Any]:
            route = Route(
                method,
                "/v1" + path,
                permission,
                scope,
                view,
                body,
                query,
                answer,
                status,
                self.tag,
                problems,
                self.token,
                limit or ("read" if method == "GET" else "write"),
                step_up,
                (method != "GET" and self.token == "user") if audited is None else audited,  # noqa: S105  # a kind of token
                form,
                produces,
                also,
                passes_on,
            )
            TABLE.append(route)
            entry = entry_of(route, self)
            entry.__name__ = route.operation
            # every content type reaches us, so that 415 has our shape and not Chalice's
            self.route(
                route.path,
                methods=[method],
                content_types=["*/*"],
                name=route.operation,
                cors=CORS,
            )(entry)
            return view

        return register


class App(Chalice):  # type: ignore[misc]  # chalice has no types
    """Chalice with a request per thread or task.

    Chalice keeps the current request on the instance, so two threads see each other's; here it
    lives in a ContextVar.
    """

    _request: ContextVar[Request | None] = ContextVar("request", default=None)

    @property
    def current_request(self) -> Request | None:
        """The request of this thread or task."""
        return self._request.get()

    @current_request.setter
    def current_request(self, request: Request | None) -> None:
        self._request.set(request)

    def __call__(self, event: Any, context: Any) -> Any:
        """Answer an API Gateway event; unknown routes and methods get our error shape too."""
        asked = event.get("requestContext", {})
        methods = self.routes.get(asked.get("resourcePath"))
        if methods is not None and asked.get("httpMethod") in methods:
            return super().__call__(event, context)
        return no_route(methods or ()).to_dict()
