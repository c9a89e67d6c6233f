"""Rows of open connections and what they watch."""

from __future__ import annotations

from collections.abc import Iterator

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core import clock, table
from chalicelib.core.actor import Actor

LIFE_SECONDS = 2 * 3600
"""API Gateway closes a WebSocket after two hours; rows left behind go with their TTL."""


class Connection(table.CoreRow):
    """An open WebSocket and the token that opened it (hashed elsewhere; here only the actor)."""

    connection = UnicodeAttribute()
    actor = UnicodeAttribute()


class Subscription(table.CoreRow):
    """One connection watching one deployment, or a team: who is behind it, and where they may.

    `actor` is as JSON, for every message is weighed against what they may see; `ends` is when
    their key does, in seconds since 1970.
    """

    connection = UnicodeAttribute()
    deployment = UnicodeAttribute(null=True)
    actor = UnicodeAttribute(null=True)
    user = UnicodeAttribute(null=True)
    session = UnicodeAttribute(null=True)
    key = UnicodeAttribute(null=True)
    team = UnicodeAttribute(null=True)
    project = UnicodeAttribute(null=True)
    environment = UnicodeAttribute(null=True)
    ends = NumberAttribute(null=True)


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


def subscription(  # noqa: PLR0917  # the columns of a row
    identifier: str, watched: str, actor: Actor, kept: str, team: str, project: str
) -> Subscription:
    """A subscription row, not yet saved; `kept` is the actor as JSON."""
    return Subscription(
        pk=f"SUB#{watched}",
        sk=f"CONN#{identifier}",
        gsi1pk=f"CONN#{identifier}",
        gsi1sk=f"SUB#{watched}",
        connection=identifier,
        deployment=watched,
        actor=kept,
        user=actor.user or None,
        session=actor.session or None,
        key=actor.id if actor.is_key else None,
        team=team,
        project=project,
        ttl=clock.epoch(LIFE_SECONDS),
    )


def watchers(watched: str) -> Iterator[Subscription]:
    """Who watches a deployment or a team."""
    return table.below(Subscription, f"SUB#{watched}", "CONN#")


def anybody_watches(watched: str) -> bool:
    """Whether there may be a watcher: half a read, which a moment ago may have been otherwise."""
    found = Subscription.query(f"SUB#{watched}", Subscription.sk.startswith("CONN#"), limit=1)
    return next(iter(found), None) is not None


def unwatch(identifier: str, watched: str) -> None:
    """Forget a subscription; no error when there is none."""
    Subscription(f"SUB#{watched}", f"CONN#{identifier}").delete()


def watched_by(identifier: str) -> list[Subscription]:
    """What a connection watches (for cleaning up)."""
    return list(Subscription.by1.query(f"CONN#{identifier}"))
