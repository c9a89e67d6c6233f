"""Connect, watch, tell, disconnect."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Problem, Unauthenticated
from chalicelib.core.observe import logger
from chalicelib.live import rows, rules
from chalicelib.live.entitled import actor_in, current, ends, entitled, kept_as
from chalicelib.ports import services
from chalicelib.teams.actions import Resource

SECONDS = 5.0
"""How long whoever tells of a deployment waits for those who watch it."""

_AT_ONCE = 8


def connect(connection: str, actor: Actor) -> None:
    """Remember an open connection and who opened it."""
    rows.connection(connection, kept_as(actor)).save()


def actor_of(connection: str) -> Actor:
    """Who opened a connection, as they are now.

    Raises Unauthenticated `token_revoked` when their session or key has ended, or the connection.
    """
    row = rows.get_connection(connection)
    actor = current(actor_in(row.actor)) if row is not None else None
    if actor is None:
        raise Unauthenticated(
            "token_revoked",
            "What this connection was opened with has ended.",
            hint="Sign in, and open another connection.",
        )
    return actor


def watch(  # noqa: PLR0917  # a connection, who is behind it, and where the deployment is
    connection: str,
    deployment: str,
    actor: Actor,
    team: str,
    project: str,
    environment: str = "",
) -> None:
    """Subscribe a connection to a deployment of a team's project; twice is once."""
    check_room(connection, deployment, actor)
    row = rows.subscription(connection, deployment, actor, kept_as(actor), team, project)
    row.environment, row.ends = environment, ends(actor)
    row.save()


def watch_team(connection: str, team: str, actor: Actor) -> None:
    """Subscribe a connection to a team, or to the installation; twice is once."""
    check_room(connection, team, actor)
    row = rows.subscription(connection, team, actor, kept_as(actor), team, "")
    row.deployment, row.ends = None, ends(actor)
    row.save()


def check_room(connection: str, watched: str, actor: Actor) -> None:
    """Raise Problem 429 `too_many_subscriptions` or `too_many_watchers`.

    The first when a connection watches as much as it may; the second when so many watch this
    already, or so many connections of one person or key do, who would keep out all others.
    """
    own = rows.watched_by(connection)
    if any(row.pk == f"SUB#{watched}" for row in own):
        return
    if len(own) >= rules.SUBSCRIPTIONS:
        raise Problem(
            "too_many_subscriptions",
            f"One connection watches at most {rules.SUBSCRIPTIONS} things.",
            hint="Unsubscribe from what is not looked at any more.",
            status=429,
        )
    watchers = list(rows.watchers(watched))
    who = actor.user or actor.id
    same = sum((row.user or row.key) == who for row in watchers)
    for count, most, whose in (
        (len(watchers), rules.WATCHERS, ""),
        (same, rules.WATCHERS_OF_ONE, " of yours"),
    ):
        if count >= most:
            raise Problem(
                "too_many_watchers",
                f"{most} connections{whose} watch this already.",
                hint="Ask the API from time to time instead.",
                status=429,
            )


def unwatch(connection: str, watched: str) -> None:
    """Watch a deployment or a team no longer; no error when nobody did."""
    rows.unwatch(connection, watched)


def disconnect(connection: str) -> None:
    """Forget a connection and all it watched."""
    for subscription in rows.watched_by(connection):
        subscription.delete()
    found = rows.get_connection(connection)
    if found is not None:
        found.delete()


def tell(deployment: str, message: Callable[[], dict[str, Any]]) -> int:
    """Send a message to everyone who watches a deployment; returns how many got it.

    The message is made only if somebody watches, and goes only to those who may still see it.

    Watching is a courtesy: a lost message is found again by `after`, so no failure here may hold
    up a deployment.
    """
    watchers = list(rows.watchers(deployment))
    if not watchers:
        return 0
    first = watchers[0]
    on = Resource(
        "deployment",
        deployment,
        environment=str(first.environment or ""),
        project=str(first.project),
    )
    may_hear = entitled(watchers, str(first.team), "deployment.read", on)
    return send(may_hear, message, SECONDS)


def send(connections: list[str], message: Callable[[], dict[str, Any]], seconds: float) -> int:
    """Send a message to connections, eight at a time, for so long; how many got it.

    It is made when there is somebody to get it. Whoever hung up is forgotten. A connection that
    hangs keeps its thread until it fails, and nobody waits for it longer than that.
    """
    if not connections:
        return 0
    content, until = message(), time.monotonic() + seconds

    def one(connection: str) -> bool:
        if time.monotonic() > until:
            return False
        try:
            if services().live.send(connection, content):
                return True
            disconnect(connection)
        except OSError:
            logger().info("a watcher was not told", extra={"connection": connection})
        return False

    if len(connections) == 1:
        return int(one(connections[0]))
    pool = ThreadPoolExecutor(min(_AT_ONCE, len(connections)))
    sent: list[Future[bool]] = [pool.submit(one, connection) for connection in connections]
    finished, _ = wait(sent, timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    return sum(one.result() for one in finished if one.exception() is None)
