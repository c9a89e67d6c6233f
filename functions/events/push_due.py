"""Deployments, rollouts and domains: the browsers of those who asked for it are told."""

from __future__ import annotations

from typing import Any

from chalicelib.push.actions import telling


def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    """An event of the bus -> `{outcome: how many browsers}`."""
    identifier = str(event.get("id") or "")
    return telling.tell(str(event["detail-type"]), event["detail"], identifier)
