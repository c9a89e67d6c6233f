"""`osv.uploaded`: an export of advisories becomes the installation's own copy."""

from __future__ import annotations

from typing import Any

from chalicelib.supply.actions import exports


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """An event of EventBridge -> `{"outcome": "ok" | "refused" | "gone"}`."""
    detail = event["detail"]
    return exports.take_in(str(detail["export"]), smaller=detail.get("smaller") is True)
