"""Rules of admin, without a database."""

from __future__ import annotations


def matches(query: str, name: str, address: str) -> bool:
    """Whether somebody's address begins with `query`, or their name holds it; in any case."""
    wanted = query.casefold()
    return address.casefold().startswith(wanted) or wanted in name.casefold()


def prefix_of(query: str) -> str:
    """What addresses begin with that may match: only a query with an `@` means no name."""
    return query.lower() if "@" in query else ""
