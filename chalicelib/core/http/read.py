"""Reading a request: everything a stranger sent, checked before anybody uses it."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from chalice.app import Request
from pydantic import BaseModel, ValidationError

from chalicelib.core.errors import (
    FieldError,
    Invalid,
    NotFound,
    Problem,
    TooLarge,
    Unauthenticated,
)
from chalicelib.core.http.declare import Call, Input, Route
from chalicelib.core.jsonbody import check_text, parse_object

MAX_BODY = 4 * 1024 * 1024
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


def check_path_parameter(name: str, value: str) -> None:
    """Raise NotFound for what can name nothing."""
    # "#" joins the parts of our table keys, so no part may hold one
    if not value or len(value) > 200 or not value.isprintable() or "#" in value:
        raise NotFound(
            f"{name}_not_found", f"There is no {name} of that name.", hint="Check the address."
        )


def raw_body(request: Request) -> bytes:
    """The bytes of the body; raises TooLarge."""
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


def body(route: Route, raw: bytes, headers: dict[str, str]) -> BaseModel | None:
    """The body as the route's model; raises Problem with all that is wrong at once."""
    if route.body is None:
        return None
    wanted = _FORM if route.form else _JSON
    kind = headers.get("content-type", wanted).partition(";")
    if kind[0].strip().lower() != wanted:
        raise Problem(
            "unsupported_media_type",
            f"The body is {kind[0][:80]!r}; this route reads {wanted}.",
            hint=f"Set `Content-Type: {wanted}`.",
            status=415,
        )
    charset = re.search(r"charset=\"?([\w-]+)", kind[2])
    if charset and charset[1].lower() not in {"utf-8", "utf8"}:
        raise Problem(
            "unsupported_media_type",
            f"The charset is {charset[1]!r}; this route reads UTF-8.",
            hint="Send UTF-8.",
            status=415,
        )
    return _validated(route.body, _form(raw) if route.form else parse_object(raw), "")


def _form(raw: bytes) -> dict[str, Any]:
    """Fields of a form; raises Problem for what is none, or names a field twice."""
    try:
        pairs = parse_qsl(
            raw.decode(), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=50
        )
    except ValueError:
        raise Problem(
            "invalid_form",
            "The body is not a form in UTF-8.",
            hint=f"Send `name=value` pairs as {_FORM}.",
            status=400,
        ) from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem(
            "invalid_form",
            "A field of the form stands there twice.",
            hint="Send each field once.",
            status=400,
        )
    check_text(found, "")
    return found


def query_of(request: Request) -> dict[str, Any]:
    """The parameters of the address; of one that stands there twice the last."""
    given = request.query_params
    if not given:
        return {}
    return {name: given.getlist(name)[-1] for name in given}


def query(route: Route, given: dict[str, Any]) -> BaseModel | None:
    """The query as the route's model; raises Problem with all that is wrong at once."""
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
    if not secret or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Unauthenticated(
            "signature_invalid",
            f"The signature in {header} does not belong to this body.",
            hint="Sign the exact bytes of the body with the shared secret.",
        )
