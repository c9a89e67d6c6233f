"""`$disconnect`: forget the connection."""

from __future__ import annotations

from typing import Any

from chalicelib.live import actions as live


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """API Gateway WebSocket event -> `{"statusCode": 200}`."""
    live.disconnect(event["requestContext"]["connectionId"])
    return {"statusCode": 200}
