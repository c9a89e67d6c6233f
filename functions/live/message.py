"""`$default`: what a connected client says."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.deployments.actions import watch
from chalicelib.live import actions as live
from chalicelib.ports import services


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """`{"action":"subscribe","deployment":id,"after":n}`; every fault is answered, none closes."""
    connection = event["requestContext"]["connectionId"]
    try:
        _answer(connection, event.get("body") or "")
    except Problem as problem:
        services().live.send(
            connection, {"type": "error", "code": problem.code, "detail": problem.detail}
        )
    return {"statusCode": 200}


def _answer(connection: str, body: str) -> None:
    try:
        message = json.loads(body)
        action, deployment = message["action"], str(message["deployment"])
        after = int(message.get("after") or 0)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise Problem(
            "invalid_message", "Send a JSON object with action and deployment.", status=400
        ) from None
    actor = live.actor_of(connection)
    if action != "subscribe" or actor is None:
        raise Problem("unknown_action", "The only action is subscribe.", status=400)
    watch.subscribe(actor, connection, deployment, after)
