"""Connect, watch, tell, disconnect."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chalicelib.core import table
from chalicelib.core.actor import Actor
from chalicelib.live import rows
from chalicelib.ports import services
from chalicelib.teams.rows import MemberRow

MOST_READ = 100
"""Rows in one read, as DynamoDB has it."""


def connect(connection: str, actor: Actor) -> None:
    """Remember an open connection and who opened it."""
    rows.connection(connection, json.dumps(_plain(actor))).save()


def actor_of(connection: str) -> Actor | None:
    """Who opened a connection, or None when it is unknown."""
    row = rows.get_connection(connection)
    if row is None:
        return None
    content = json.loads(row.actor)
    return Actor(**{**content, "scopes": frozenset(content["scopes"])})


def watch(connection: str, deployment: str, actor: Actor, team: str) -> None:
    """Subscribe a connection to a deployment of a team; twice is once."""
    rows.subscription(connection, deployment, actor.user, team).save()


def disconnect(connection: str) -> None:
    """Forget a connection and all it watched."""
    for subscription in rows.watched_by(connection):
        subscription.delete()
    found = rows.get_connection(connection)
    if found is not None:
        found.delete()


def tell(deployment: str, message: Callable[[], dict[str, Any]]) -> int:
    """Send a message to everyone who watches a deployment; returns how many got it.

    The message is made only if somebody watches, and goes only to those who are still in the team.

    Watching is a courtesy: a lost message is found again by `after`, so no failure here may hold
    up a deployment.
    """
    reached = 0
    content: dict[str, Any] = {}
    for subscription in _entitled(list(rows.watchers(deployment))):
        content = content or message()
        try:
            if services().live.send(subscription.connection, content):
                reached += 1
            else:
                disconnect(subscription.connection)
        except OSError:
            continue
    return reached


def _entitled(watchers: list[rows.Subscription]) -> list[rows.Subscription]:
    """Those who are in the team at this moment; the others watch no longer."""
    asked = sorted({(w.team or "", w.user or "") for w in watchers})
    members: set[tuple[str, str]] = set()
    for start in range(0, len(asked), MOST_READ):
        part = asked[start : start + MOST_READ]
        found = table.find_mixed([(MemberRow, f"TEAM#{t}", f"MEMBER#{u}") for t, u in part])
        members |= {who for who, row in zip(part, found, strict=True) if row is not None}
    entitled = []
    for watcher in watchers:
        if (watcher.team or "", watcher.user or "") in members:
            entitled.append(watcher)
        else:
            watcher.delete()
    return entitled


def _plain(actor: Actor) -> dict[str, Any]:
    return {**vars(actor), "scopes": sorted(actor.scopes)}
