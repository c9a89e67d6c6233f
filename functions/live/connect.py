"""`$connect`: whoever has a token may open a connection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.identity import actions as identity
from chalicelib.live import actions as live


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """API Gateway WebSocket event -> `{"statusCode"}`; 401 refuses the handshake."""
    token = (event.get("queryStringParameters") or {}).get("token", "")
    try:
        actor = identity.authenticate(token)
    except Problem as problem:
        return {"statusCode": problem.status, "body": problem.detail}
    context = event["requestContext"]
    address = str(context.get("identity", {}).get("sourceIp", ""))
    live.connect(context["connectionId"], replace(actor, ip=address))
    return {"statusCode": 200}
