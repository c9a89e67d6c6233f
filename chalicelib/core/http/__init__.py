"""Routes: one declaration says path, permission, input, output; this module does the rest.

A subject's `routes.py` holds `routes = Routes("projects")` and functions such as

    @routes.post("/projects", permission="project.create", body=NewProject, answer=ProjectView)
    def create(call: Call) -> ProjectView: ...

A request goes: route, authenticate, count, authorise, step up, validate, view, answer,
and every exception becomes RFC 9457 problem+json here, because Chalice turns exceptions of views
into its own shape before any middleware sees them. A route that declares no permission cannot be
written. A POST of a signed-in caller with an `Idempotency-Key` runs once; see `idempotency.py`. A
change is written into the audit log; see `core/trail.py`.
"""

from chalicelib.core.http.answer import answer_of, no_route, problem_headers
from chalicelib.core.http.app import App, Routes
from chalicelib.core.http.declare import (
    INSTALLATION,
    PUBLIC,
    SIGNED_IN,
    TABLE,
    Acknowledged,
    Call,
    Empty,
    Input,
    Output,
    Raw,
    Route,
    authenticate_with,
    authorise_with,
    limit_with,
    record_with,
    secret_field,
)
from chalicelib.core.http.read import MAX_BODY, problem_of, require_signature

__all__ = [
    "INSTALLATION",
    "MAX_BODY",
    "PUBLIC",
    "SIGNED_IN",
    "TABLE",
    "Acknowledged",
    "App",
    "Call",
    "Empty",
    "Input",
    "Output",
    "Raw",
    "Route",
    "Routes",
    "answer_of",
    "authenticate_with",
    "authorise_with",
    "limit_with",
    "no_route",
    "problem_headers",
    "problem_of",
    "record_with",
    "require_signature",
    "secret_field",
]
