"""Whose site answers at a domain."""

from __future__ import annotations

from chalicelib.domains.rows import domains as rows


def project_of(host: str) -> str | None:
    """Id of the project that has proven a host, or the wildcard one level above it; else None.

    An exact name comes before a wildcard, as at the edge: whoever has it answers there.
    """
    parent = host.partition(".")[2]
    for name in (host, f"*.{parent}"):
        found = rows.claim(name)
        if found is not None and rows.holds(found, found.project):
            return str(found.project)
    return None
