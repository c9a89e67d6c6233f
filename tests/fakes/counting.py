"""How often the database is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def database_calls() -> Iterator[list[str]]:
    """The DynamoDB operations inside the block, by name and in order."""
    from pynamodb.connection import Connection

    seen: list[str] = []
    original: Any = Connection._make_api_call

    def counted(self: Any, operation: str, *args: Any, **kwargs: Any) -> Any:
        seen.append(operation)
        return original(self, operation, *args, **kwargs)

    Connection._make_api_call = counted  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        Connection._make_api_call = original  # type: ignore[method-assign]
