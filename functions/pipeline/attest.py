"""Attest: bill of materials, the project's gate, a signed statement of what came from where."""

from __future__ import annotations

from typing import Any

from chalicelib.supply.actions import attest


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"deployment": id}` -> `{"outcome": ...}`."""
    return attest.attest(event["deployment"])
