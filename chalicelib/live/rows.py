"""Rows of open connections and what they watch."""

from __future__ import annotations

from collections.abc import Iterator

from pynamodb.attributes import UnicodeAttribute

from chalicelib.core import clock, table
from chalicelib.core.actor import Actor

LIFE_SECONDS = 2 * 3600
"""API Gateway closes a WebSocket after two hours; rows left behind go with their TTL."""


class Connection(table.CoreRow):
    """An open WebSocket and the token that opened it (hashed elsewhere; here only the actor)."""

    connection = UnicodeAttribute()
    actor = UnicodeAttribute()


class Subscription(table.CoreRow):
    """One connection watching one deployment: who is behind it, and where they may."""

    connection = UnicodeAttribute()
    deployment = UnicodeAttribute()
    user = UnicodeAttribute(null=True)
    session = UnicodeAttribute(null=True)
    key = UnicodeAttribute(null=True)
    team = UnicodeAttribute(null=True)
    project = UnicodeAttribute(null=True)


def connection(identifier: str, actor: str) -> Connection:
    """A connection row, not yet saved."""
    return Connection(
        pk=f"CONN#{identifier}",
        sk="META",
        connection=identifier,
        actor=actor,
        ttl=clock.epoch(LIFE_SECONDS),
    )


def get_connection(identifier: str) -> Connection | None:
    """An open connection, or None."""
    return table.find(Connection, f"CONN#{identifier}")


def subscription(
    identifier: str, deployment: str, actor: Actor, team: str, project: str
) -> Subscription:
    """A subscription row, not yet saved."""
    return Subscription(
        pk=f"SUB#{deployment}",
        sk=f"CONN#{identifier}",
        gsi1pk=f"CONN#{identifier}",
        gsi1sk=f"SUB#{deployment}",
        connection=identifier,
        deployment=deployment,
        user=actor.user or None,
        session=actor.session or None,
        key=actor.id if actor.is_key else None,
        team=team,
        project=project,
        ttl=clock.epoch(LIFE_SECONDS),
    )


def watchers(deployment: str) -> Iterator[Subscription]:
    """Who watches a deployment."""
    return table.below(Subscription, f"SUB#{deployment}", "CONN#")


def watched_by(identifier: str) -> list[Subscription]:
    """What a connection watches (for cleaning up)."""
    return list(Subscription.by1.query(f"CONN#{identifier}"))
