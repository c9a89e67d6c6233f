"""Look: how a domain stands, what follows from it, and when to look again."""

from __future__ import annotations

from typing import Any

from chalicelib.domains.actions import looking


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"project", "domain", "run"}` -> `{"outcome": "wait" | "done", "seconds"}`."""
    return looking.look(event["project"], event["domain"], int(event["run"]))
