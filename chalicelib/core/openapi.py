"""OpenAPI 3.1 out of the route table: what is documented is what is checked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from chalicelib.core.http import PUBLIC, SIGNED_IN, Empty, Route
from chalicelib.core.rates import FREE

_REFERENCE = "#/components/schemas/{model}"
_TITLES = {
    304: "Not changed since the ETag that was sent",
    400: "The request cannot be read",
    401: "Not signed in, or the token is not good",
    403: "Known, but not allowed",
    404: "Absent, or another team's",
    409: "Not in the present state",
    413: "The body is too large",
    415: "The body is not JSON in UTF-8",
    422: "The request is not valid",
    429: "Too many requests; see Retry-After",
    500: "A fault of ours; it was logged",
    503: "Temporarily unavailable; see Retry-After",
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "An error (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened, for people"},
        "code": {"type": "string", "description": "what happened, for programs"},
        "hint": {"type": "string", "description": "what to do next"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail", "code"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer (RFC 6901)"},
                    "detail": {"type": "string"},
                    "code": {"type": "string"},
                },
            },
        },
    },
}
_HEADERS: dict[str, dict[str, Any]] = {
    "RateLimit-Policy": {
        "description": "The limit that counts here: its class, `q` requests at once, filled up "
        "again within `w` seconds (draft-ietf-httpapi-ratelimit-headers-10).",
        "schema": {"type": "string", "examples": ['"read";q=300;w=15']},
    },
    "RateLimit": {
        "description": "What is left of it: `r` requests, one more in `t` seconds.",
        "schema": {"type": "string", "examples": ['"read";r=299;t=1']},
    },
    "Retry-After": {
        "description": "Seconds after which the same request may be taken.",
        "schema": {"type": "integer", "minimum": 0},
    },
}
_SECURITY: dict[str, dict[str, Any]] = {
    "user": {
        "type": "http",
        "scheme": "bearer",
        "description": "An access token (JWT) or an API key (`ck_...`).",
    },
    "build": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of one build; only its runner has it.",
    },
}


_PLACED = re.compile(r"chalicelib__([a-z]+)(?:__[a-z_]+?)*__([A-Z]\w*)")


def build(table: Iterable[Route], *, version: str, server: str) -> dict[str, Any]:
    """The document of these routes."""
    routes = list(table)
    schemas, references = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(
            route, schemas, references
        )
    for model in {route.query for route in routes if route.query is not None}:
        schemas.pop(_name(references[model, "validation"]), None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "CloudDeck",
            "version": version,
            "description": "Git push to live site.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": {**schemas, "Problem": _PROBLEM},
            "headers": _HEADERS,
            "securitySchemes": {
                name: _SECURITY[name]
                for name in sorted({r.bearer for r in routes if r.permission != PUBLIC})
            },
        },
    }


def problem_codes(route: Route) -> list[int]:
    """Every error status that a route may answer with."""
    found = {429, 500, 503, *route.problems}
    takes_body = route.body is not None
    if route.permission != PUBLIC:
        found |= {401}
    names_team = "team" in _fields(route)
    if route.permission not in {PUBLIC, SIGNED_IN} or names_team:
        found |= {403}
    if route.scope is not None or "{" in route.path or names_team:
        found |= {404}
    if takes_body or route.query is not None:
        found |= {400, 422}
    if takes_body or route.method in {"POST", "PUT", "PATCH"}:
        found |= {413}
    if takes_body:
        found |= {415}
    if route.replayable:
        found |= {400, 409, 422}
    if route.query is None:
        found |= {400}  # a query where there is none
    return sorted(found)


def _operation(
    route: Route, schemas: dict[str, Any], references: dict[tuple[Any, str], str]
) -> dict[str, Any]:
    summary, _, more = (route.view.__doc__ or route.operation).strip().partition("\n")
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "tags": [route.tag],
        "summary": summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas, references)],
        "responses": _responses(route, references),
        "security": [] if route.permission == PUBLIC else [{route.bearer: []}],
        "x-permission": route.permission,
    }
    if more.strip():
        operation["description"] = " ".join(more.split())
    if route.replayable:
        operation["parameters"].append(_IDEMPOTENCY)
    if route.method == "PATCH":
        operation["parameters"].append(_IF_MATCH)
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {
                _BODY[route.form]: {"schema": {"$ref": references[route.body, "validation"]}}
            },
        }
    return operation


_BODY = {False: "application/json", True: "application/x-www-form-urlencoded"}
_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A UUID; the same key with the same body gets the same answer for 24 hours.",
    "schema": {"type": "string", "minLength": 16, "maxLength": 200},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that is edited; another version answers 409.",
    "schema": {"type": "string"},
}


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query_parameters(
    route: Route, schemas: dict[str, Any], references: dict[tuple[Any, str], str]
) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = schemas[_name(references[route.query, "validation"])]
    required = set(schema.get("required", ()))
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": field,
            **({"description": field["description"]} if "description" in field else {}),
        }
        for name, field in schema.get("properties", {}).items()
    ]


def _responses(route: Route, references: dict[tuple[Any, str], str]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": (route.answer.__doc__ or "Done.").strip()}
    if route.status != 204 and not issubclass(route.answer, Empty):
        answer["content"] = {
            "application/json": {"schema": {"$ref": references[route.answer, "serialization"]}}
        }
    if route.produces:
        answer["content"] = {kind: {"schema": {"type": "string"}} for kind in route.produces}
    counted = () if route.limit == FREE else ("RateLimit-Policy", "RateLimit")
    if counted:
        answer["headers"] = _headers(*counted)
    found = {str(status): answer for status in (route.status, *route.also)}
    for code in problem_codes(route):
        waits = ("Retry-After",) if code in {429, 503} else ()
        found[str(code)] = {
            "description": _TITLES.get(code, "An error"),
            **({"headers": _headers(*counted, *waits)} if counted or waits else {}),
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
    return found


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _fields(route: Route) -> set[str]:
    models = [model for model in (route.body, route.query) if model is not None]
    return {name for model in models for name in model.model_fields}


def _schemas(
    routes: list[Route],
) -> tuple[dict[str, Any], dict[tuple[Any, str], str]]:
    """Components by name, and per (model, mode) the reference to it."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for route in routes:
        for model in (route.body, route.query):
            if model is not None:
                wanted[model, "validation"] = None
        if route.status != 204 and not issubclass(route.answer, Empty):
            wanted[route.answer, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=_REFERENCE)
    named: dict[str, Any] = json.loads(_told(json.dumps(definitions.get("$defs", {}))))
    return (
        named,
        {(model, mode): _told(str(found["$ref"])) for (model, mode), found in references.items()},
    )


def _told(text: str) -> str:
    """Names of models that two subjects have: `DomainsDomainView`, not where the class lies."""
    return _PLACED.sub(lambda found: found[1].title().replace("_", "") + found[2], text)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
