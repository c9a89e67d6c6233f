"""Lists to their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def every(page: Callable[..., Any], *path: str, **query: Any) -> Iterator[Any]:
    """Every item of a list, page after page: `every(deck.projects.list, team="acme")`."""
    cursor: str | None = None
    while True:
        found = page(*path, **query, **({"cursor": cursor} if cursor else {}))
        yield from found["items"]
        cursor = found["next"]
        if not cursor:
            return
