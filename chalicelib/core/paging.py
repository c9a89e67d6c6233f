"""Pages of lists: `{"items", "next"}` with `?cursor=&limit=`.

A cursor is encrypted and bound to its route, path, filters and caller, so it tells nothing and
opens nothing but the rest of the list that it came from.

    class ListProjects(PageQuery):
        team: str | None = None

    def list_(call): return paging.page(call, lambda **at: Row.by1.query(pk, **at), view_of)
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field, field_validator

from chalicelib.core import crypto
from chalicelib.core.errors import Problem
from chalicelib.core.http import Call, Input, Output

T = TypeVar("T")
V = TypeVar("V", bound=BaseModel)
_VERSION = b"\x01"
_factory: list[Callable[[], bytes]] = []
_secret: list[bytes] = []


class PageQuery(Input):
    """Query of every list."""

    cursor: str | None = Field(None, max_length=4000, description="`next` of the page before")
    limit: int = Field(20, json_schema_extra={"minimum": 1, "maximum": 100})

    @field_validator("limit")
    @classmethod
    def _in_range(cls, value: int) -> int:
        if not 1 <= value <= 100:
            raise ValueError("A page has 1 to 100 items.")
        return value


class Page(Output, Generic[T]):
    """Answer of every list."""

    items: list[T]
    next: str | None = Field(description="cursor of the next page; null on the last one")


def secret_from(factory: Callable[[], bytes]) -> None:
    """Say where the key of the cursors comes from; it is asked at the first cursor."""
    _factory[:] = [factory]
    _secret.clear()


def page(call: Call, query: Callable[..., Iterable[T]], view: Callable[[T], V]) -> Page[V]:
    """One page: `query(limit=, last_evaluated_key=)` makes a PynamoDB query, `view` an item."""
    rows: Any = query(limit=call.query.limit, last_evaluated_key=position(call))
    items = [view(row) for row in rows]
    return Page[V](items=items, next=cursor(call, rows.last_evaluated_key))


def cursor(call: Call, place: dict[str, Any] | None) -> str | None:
    """The cursor that continues this call's list at `place`; None at its end."""
    if not place:
        return None
    return encode(place, call.binding)


def position(call: Call) -> dict[str, Any] | None:
    """Where to continue this call's list; None at its start. Raises Problem `invalid_cursor`."""
    given = call.query.cursor
    return None if given is None else decode(given, call.binding)


class Part(Generic[T]):
    """The part of a page that somebody may see, or asked for; the page may come out shorter."""

    def __init__(self, found: Any, wanted: Callable[[T], bool]) -> None:
        self._found = found
        self._wanted = wanted

    def __iter__(self) -> Iterator[T]:
        return (row for row in self._found if self._wanted(row))

    @property
    def last_evaluated_key(self) -> Any:
        """Where the whole page ended."""
        return self._found.last_evaluated_key


def encode(place: dict[str, Any], binding: str) -> str:
    """A cursor that only `decode` with the same binding opens."""
    plain = json.dumps(place, separators=(",", ":")).encode()
    sealed = _VERSION + crypto.encrypt(_key(), plain, binding.encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def decode(text: str, binding: str) -> dict[str, Any]:
    """The place in a cursor; raises Problem 400 `invalid_cursor`."""
    try:
        sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if sealed[:1] != _VERSION:
            raise ValueError("unknown version")
        place: dict[str, Any] = json.loads(
            crypto.decrypt(_key(), sealed[1:], binding.encode("utf-8", "replace"))
        )
    except ValueError:
        problem = Problem(
            "invalid_cursor",
            "The cursor does not belong to this list.",
            hint="Take `next` from the answer before, with the same filters, or leave it out.",
            status=400,
        )
        problem.title = "The request is not valid"
        raise problem from None
    return place


def _key() -> bytes:
    if not _secret:
        _secret.append(_factory[0]())
    return _secret[0]
