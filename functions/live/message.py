"""`$default`: what a connected client says."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.core.errors import Problem
from chalicelib.deployments.actions import watch
from chalicelib.live import actions as live
from chalicelib.live import feed
from chalicelib.live.rules import INSTALLATION
from chalicelib.ports import services
from chalicelib.teams.actions import team_named

SUBJECTS = ("team", "deployment", "installation")
MOST_LINES = 10**9
"""No log is so long: whoever asks for lines behind it gets none."""


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
        named: dict[str, Any] = {n: asked[n] for n in SUBJECTS if n in asked}
        answer = {"type": "error", "code": problem.code, "detail": problem.detail, **named}
    if answer:
        services().live.send(connection, answer)
    return {"statusCode": 200}


def _read(body: str) -> dict[str, Any]:
    """What was said: an action, and what it is about; `after` is the number of a line."""
    try:
        message = json.loads(body)
        asked: dict[str, Any] = {"action": str(message["action"])}
        for name in ("team", "deployment"):
            if message.get(name) is not None:
                asked[name] = str(message[name])[:200]
        if message.get("installation") is True:
            asked["installation"] = True
        asked["after"] = min(max(int(message.get("after") or 0), 0), MOST_LINES)
    except (AttributeError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        asked = {}
    if not asked or (asked["action"] != "ping" and sum(n in asked for n in SUBJECTS) != 1):
        raise Problem(
            "invalid_message",
            "Send a JSON object with action, and one of team, deployment and installation.",
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
    if "installation" in asked:
        feed.subscribe_installation(actor, connection)
        return {"type": "subscribed", "installation": True}
    watch.subscribe(actor, connection, asked["deployment"], asked["after"])
    return None


def _unsubscribe(connection: str, asked: dict[str, Any]) -> dict[str, Any]:
    name = next(subject for subject in SUBJECTS if subject in asked)
    watched = INSTALLATION if name == "installation" else asked[name]
    live.unwatch(connection, team_named(watched) if name == "team" else watched)
    return {"type": "unsubscribed", name: asked[name]}
