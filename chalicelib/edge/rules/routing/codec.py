"""Routing rules as they lie in the store: canonical JSON under its own digest.

What equals a default is left out, names of fields are those of `model.py`. Nothing is believed:
whoever reads a table checks its digest, its size, its version and the kind of every value.
"""

from __future__ import annotations

import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from chalicelib.edge.rules.routing.model import (
    MAX_BYTES,
    MAX_HEADER_RULES,
    MAX_RULES,
    VERSION,
    BadRoutingError,
    Routing,
)

_MOST_TEXT = 16_384


def encode(routing: Routing) -> bytes:
    """The bytes of a table: equal tables are equal bytes. Raises BadRoutingError when too large."""
    body = {"version": VERSION, **_told(routing)}
    data = json.dumps(body, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    made = data.encode("utf-8", "surrogatepass")
    if len(made) > MAX_BYTES:
        raise BadRoutingError(f"{len(made)} bytes; a table has {MAX_BYTES} at most")
    return made


def digest_of(data: bytes) -> str:
    """The name of a table in the store and in manifests."""
    return hashlib.sha256(data).hexdigest()


def parse_routing(data: bytes, digest: str) -> Routing:
    """A table from its bytes, which must have this very SHA-256; raises BadRoutingError."""
    if len(data) > MAX_BYTES:
        raise BadRoutingError("too large")
    if digest_of(data) != digest:
        raise BadRoutingError(f"table {digest} is damaged")
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadRoutingError("not JSON") from error
    if not isinstance(body, dict) or body.pop("version", None) != VERSION:
        raise BadRoutingError(f"not a table of version {VERSION}")
    routing: Routing = _made(Routing, body, 0)
    if len(routing.rules) > MAX_RULES or len(routing.headers) > MAX_HEADER_RULES:
        raise BadRoutingError("too many rules")
    return routing


def _told(value: Any) -> Any:
    """A value as JSON has it."""
    if is_dataclass(value):
        return {
            field.name: _told(said)
            for field in fields(value)
            if (said := getattr(value, field.name)) != field.default
        }
    return [_told(one) for one in value] if isinstance(value, tuple) else value


def _made(kind: Any, said: Any, depth: int) -> Any:
    """A value of a type from what JSON had; raises BadRoutingError for any other."""
    if depth > 12:
        raise BadRoutingError("too deep")
    if kind in {str, int, bool}:
        return _scalar(kind, said)
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        if said is None and types.NoneType in get_args(kind):
            return None
        return _made(next(one for one in get_args(kind) if one is not types.NoneType), said, depth)
    if origin is Literal:
        if said not in get_args(kind):
            raise BadRoutingError(f"{said!r:.40} is none of {get_args(kind)}")
        return said
    if origin is tuple:
        return _row(get_args(kind), said, depth)
    return _record(kind, said, depth)


def _scalar(kind: type, said: Any) -> Any:
    if type(said) is not kind or (isinstance(said, str) and len(said) > _MOST_TEXT):
        raise BadRoutingError(f"{said!r:.40} is no {kind.__name__}")
    return said


def _row(kinds: tuple[Any, ...], said: Any, depth: int) -> tuple[Any, ...]:
    if not isinstance(said, list):
        raise BadRoutingError("not a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(_made(kinds[0], one, depth + 1) for one in said)
    if len(said) != len(kinds):
        raise BadRoutingError("a list is too short or too long")
    return tuple(_made(kind, one, depth + 1) for kind, one in zip(kinds, said, strict=True))


def _record(kind: Any, said: Any, depth: int) -> Any:
    if not isinstance(said, Mapping):
        raise BadRoutingError("not an object")
    known, needed = _fields(kind)
    if not said.keys() <= known.keys() or not needed <= said.keys():
        raise BadRoutingError(f"not a {kind.__name__}")
    return kind(**{name: _made(known[name], one, depth + 1) for name, one in said.items()})


@cache
def _fields(kind: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """The types of a record's fields, and those that are always said."""
    hints = get_type_hints(kind)
    needed = {
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    }
    return {field.name: hints[field.name] for field in fields(kind)}, frozenset(needed)
