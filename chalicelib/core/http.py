"""Routes: one declaration says path, permission, input, output; this module does the rest.

A subject's `routes.py` holds `routes = Routes("projects")` and functions such as

    @routes.post("/projects", permission="project.create", body=NewProject, answer=ProjectView)
    def create(call: Call) -> ProjectView: ...

A request goes: route -> authenticate -> authorise -> validate -> view -> answer, and every
exception becomes RFC 9457 problem+json here, because Chalice turns exceptions of views into its
own shape before any middleware sees them. A route that declares no permission cannot be written.
A POST of a signed-in caller with an `Idempotency-Key` runs once; see `idempotency.py`.
"""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from chalice.app import Blueprint, Chalice, Request, Response
from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import (
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from chalicelib.core.jsonbody import check_text, parse_object
from chalicelib.core.observe import logger

PUBLIC = "public"
"""Permission of a route that needs no sign-in."""

SIGNED_IN = "signed_in"
"""Permission of a route that needs a person or a key, and no team."""

MAX_BODY = 4 * 1024 * 1024


class Input(BaseModel):
    """Base of request bodies and queries: unknown fields are refused, texts are checked."""

    model_config = ConfigDict(extra="forbid", str_max_length=100_000, defer_build=True)


class Output(BaseModel):
    """Base of answers."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Empty(Output):
    """An answer without content (204)."""


class Acknowledged(Output):
    """An answer that says only that it was done."""


@dataclass(frozen=True)
class Call:
    """One request, checked: who calls, and with what."""

    actor: Actor
    path: dict[str, str]
    body: Any = None
    query: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    request_id: str = ""
    source_ip: str = ""
    scope: Any = None
    route: str = ""

    @property
    def binding(self) -> str:
        """Who asks for which list: what a paging cursor is good for, and nothing else."""
        query = self.query.model_dump(mode="json") if self.query is not None else {}
        asked = {name: value for name, value in query.items() if name not in {"cursor", "limit"}}
        return json.dumps(
            [self.actor.user or self.actor.id, self.actor.team, self.route, self.path, asked],
            sort_keys=True,
        )


@dataclass(frozen=True)
class Route:
    """One row of the route table."""

    method: str
    path: str
    permission: str
    scope: str | None
    view: Callable[[Call], Any]
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answer: type[BaseModel]
    status: int
    tag: str
    problems: tuple[int, ...]
    bearer: str = "user"

    @property
    def replayable(self) -> bool:
        """Whether an `Idempotency-Key` means something here."""
        return self.method == "POST" and self.bearer == "user" and self.permission != PUBLIC

    @property
    def operation(self) -> str:
        """OpenAPI operation id."""
        return f"{self.tag}_{self.view.__name__}"


TABLE: list[Route] = []
"""Every route of the API in the order of registration; OpenAPI and the tests read it."""

Authenticator = Callable[[str], Actor]
Authoriser = Callable[[Actor, str, str, dict[str, str]], Any]

_authenticators: dict[str, Authenticator] = {}
_authorisers: dict[str, Authoriser] = {}


def authenticate_with(kind: str, authenticator: Authenticator) -> None:
    """Register who turns a bearer token of `kind` ("user" or "build") into an Actor."""
    _authenticators[kind] = authenticator


def authorise_with(scope: str, authoriser: Authoriser) -> None:
    """Register who decides about routes of a scope such as "project" or "team".

    The authoriser gets (actor, permission, scope, path parameters), raises NotFound or Forbidden,
    and returns what it loaded, which the view finds in `call.scope`.
    """
    _authorisers[scope] = authoriser


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
    ) -> Callable[[Callable[[Call], Any]], Any]:
        """Register a view under `/v1<path>`.

        `permission` is PUBLIC, SIGNED_IN or a name such as `project.read`; `scope` says whose
        resource the path names and therefore which authoriser decides; `problems` are the status
        codes beyond the usual ones, for OpenAPI.
        """
        if permission not in {PUBLIC, SIGNED_IN} and not re.fullmatch(
            r"[a-z]+\.[a-z_]+", permission
        ):
            raise ValueError(f"{method} {path}: {permission!r} is no permission")

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
            )
            TABLE.append(route)
            entry = _entry(route, self)
            entry.__name__ = route.operation
            # every content type reaches us, so that 415 has our shape and not Chalice's
            self.route(route.path, methods=[method], content_types=["*/*"], name=route.operation)(
                entry
            )
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


def _entry(route: Route, routes: Routes) -> Callable[..., Response]:
    def entry(**path: str) -> Response:
        started = time.perf_counter()
        request_id = ids.new("req")
        try:
            status, content, headers = answer_of(route, routes.current_request, path, request_id)
        except Exception as error:
            problem = _as_problem(error, route, request_id)
            status, content = problem.status, problem.body(request_id)
            headers = problem_headers(problem)
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
    text = "" if status in {204, 304} else json.dumps(content, separators=(",", ":"))
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


def answer_of(route: Route, request: Request, path: dict[str, str], request_id: str) -> Answer:
    """The answer to one request; raises Problem."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    for name, value in path.items():
        _check_path_parameter(name, value)
    actor = _authenticate(route, headers)
    scope = None
    if route.scope is not None:
        scope = _authorisers[route.scope](actor, route.permission, route.scope, path)
    raw = _raw_body(request)
    call = Call(
        actor=actor,
        path=path,
        body=_body(route, raw, headers),
        query=_query(route, request),
        headers=headers,
        raw=raw,
        request_id=request_id,
        source_ip=str(request.context.get("identity", {}).get("sourceIp", "")),
        scope=scope,
        route=f"{route.method} {route.path}",
    )
    key = headers.get("idempotency-key")
    if key is None or not route.replayable:
        return _perform(route, call)
    from chalicelib.core import idempotency

    fingerprint = idempotency.fingerprint(
        call.route,
        path,
        call.body.model_dump(mode="json") if call.body is not None else raw.hex(),
        call.query.model_dump(mode="json") if call.query is not None else None,
    )
    return idempotency.once(actor.id, key, fingerprint, lambda: _perform(route, call))


def _perform(route: Route, call: Call) -> Answer:
    result = route.view(call)
    extra: dict[str, str] = {}
    if isinstance(result, tuple):
        result, extra = result
    if route.status == 204 or result is None:
        return 204, None, extra
    content = result.model_dump(mode="json") if isinstance(result, BaseModel) else result
    etag = extra.get("ETag")
    if etag and route.method == "GET" and call.headers.get("if-none-match") == etag:
        return 304, None, extra
    return route.status, content, extra


def _check_path_parameter(name: str, value: str) -> None:
    # "#" joins the parts of our table keys, so no part may hold one
    if not value or len(value) > 200 or not value.isprintable() or "#" in value:
        raise NotFound(
            f"{name}_not_found", f"There is no {name} of that name.", hint="Check the address."
        )


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
    actor = _authenticators[route.bearer](token.strip())
    needed = route.permission
    if needed not in {PUBLIC, SIGNED_IN} and actor.scopes and needed not in actor.scopes:
        raise Forbidden(
            "missing_scope",
            f"This key does not have the scope {needed!r}.",
            hint="Make a key with that scope, or use another one.",
        )
    return actor


def _raw_body(request: Request) -> bytes:
    raw = request.raw_body or b""
    if isinstance(raw, str):
        raw = raw.encode()
    if len(raw) > MAX_BODY:
        raise TooLarge(
            "body_too_large",
            f"The body has {len(raw)} bytes; the limit is {MAX_BODY}.",
            hint="Files are uploaded with signed URLs, not through the API.",
        )
    return bytes(raw)


def _body(route: Route, raw: bytes, headers: dict[str, str]) -> BaseModel | None:
    if route.body is None:
        return None
    kind = headers.get("content-type", "application/json").partition(";")
    if kind[0].strip().lower() != "application/json":
        raise Problem(
            "unsupported_media_type",
            f"The body is {kind[0][:80]!r}; this route reads application/json.",
            hint="Set `Content-Type: application/json`.",
            status=415,
        )
    charset = re.search(r"charset=\"?([\w-]+)", kind[2])
    if charset and charset[1].lower() not in {"utf-8", "utf8"}:
        raise Problem(
            "unsupported_media_type",
            f"The charset is {charset[1]!r}; JSON is UTF-8.",
            hint="Send UTF-8.",
            status=415,
        )
    return _validated(route.body, parse_object(raw), "")


def _query(route: Route, request: Request) -> BaseModel | None:
    given: dict[str, Any] = {}
    for name in request.query_params or {}:
        given[name] = request.query_params.getlist(name)[-1]
    check_text(given, "/query")
    if route.query is None and not given:
        return None
    return _validated(route.query or Input, given, "/query")


def _validated(model: type[BaseModel], content: Any, base: str) -> BaseModel:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise problem_of(error, model, base) from None


def problem_of(error: ValidationError, model: type[BaseModel], base: str = "") -> Invalid:
    """All the wrong fields of an input at once, each with its JSON pointer."""
    found = []
    unknown = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        pointer = base + "".join(f"/{_escape(part)}" for part in item["loc"])
        if item["type"] == "extra_forbidden":
            name = str(item["loc"][-1])
            unknown.append(name)
            found.append(FieldError(pointer, _unknown_field(name, model), "unknown_field"))
        else:
            detail = item["msg"].removeprefix("Value error, ")
            found.append(FieldError(pointer, detail, item["type"]))
    if unknown and len(unknown) == len(found):
        return Invalid(
            "unknown_field",
            found[0].detail,
            hint="Remove the field, or correct its name.",
            errors=tuple(found),
            status=400,
        )
    return Invalid(
        "invalid_request",
        "; ".join(f"{e.pointer or '/'}: {e.detail}" for e in found[:3]),
        hint="Correct the fields listed in `errors`.",
        errors=tuple(found),
    )


def _unknown_field(name: str, model: type[BaseModel]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, list(model.model_fields), n=1)
    tail = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no field {name[:60]!r}.{tail}"


def _escape(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def require_signature(call: Call, secret: str, header: str) -> None:
    """Check an HMAC-SHA256 over the raw body, in constant time; raises Unauthenticated."""
    given = call.headers.get(header.lower(), "").removeprefix("sha256=")
    wanted = hmac.new(secret.encode(), call.raw, sha256).hexdigest()
    if not secret or not hmac.compare_digest(given, wanted):
        raise Unauthenticated(
            "signature_invalid",
            f"The signature in {header} does not belong to this body.",
            hint="Sign the exact bytes of the body with the shared secret.",
        )
