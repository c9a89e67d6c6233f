"""`$default`: what a connected client says."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.deployments.actions import watch
from chalicelib.live import actions as live
from chalicelib.live import feed
from chalicelib.ports import services
from chalicelib.teams.actions import team_named


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """One of three actions, `subscribe`, `unsubscribe` and `ping`, as docs/api.md has them.

    Every fault is answered, with the name of what was asked for; none closes the connection.
    """
    connection = event["requestContext"]["connectionId"]
    asked: dict[str, Any] = {}
    try:
        asked = _read(event.get("body") or "")
        answer = _answer(connection, asked)
    except Problem as problem:
        named: dict[str, Any] = {n: asked[n] for n in ("team", "deployment") if n in asked}
        answer = {"type": "error", "code": problem.code, "detail": problem.detail, **named}
    if answer:
        services().live.send(connection, answer)
    return {"statusCode": 200}


def _read(body: str) -> dict[str, Any]:
    """What was said: an action, and the team or the deployment that it is about."""
    try:
        message = json.loads(body)
        asked: dict[str, Any] = {"action": str(message["action"])}
        for name in ("team", "deployment"):
            if message.get(name) is not None:
                asked[name] = str(message[name])[:200]
        asked["after"] = int(message.get("after") or 0)
    except (AttributeError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        asked = {}
    if not asked or (asked["action"] != "ping" and ("team" in asked) == ("deployment" in asked)):
        raise Problem(
            "invalid_message",
            "Send a JSON object with action, and team or deployment.",
            status=400,
        )
    return asked


def _answer(connection: str, asked: dict[str, Any]) -> dict[str, Any] | None:
    if asked["action"] == "ping":
        return {"type": "pong"}
    if asked["action"] == "unsubscribe":
        return _unsubscribe(connection, asked)
    if asked["action"] != "subscribe":
        raise Problem(
            "unknown_action", "The actions are subscribe, unsubscribe and ping.", status=400
        )
    actor = live.actor_of(connection)
    if "team" in asked:
        return {"type": "subscribed", "team": feed.subscribe(actor, connection, asked["team"])}
    watch.subscribe(actor, connection, asked["deployment"], asked["after"])
    return None


def _unsubscribe(connection: str, asked: dict[str, Any]) -> dict[str, Any]:
    name = "team" if "team" in asked else "deployment"
    live.unwatch(connection, team_named(asked[name]) if name == "team" else asked[name])
    return {"type": "unsubscribed", name: asked[name]}
