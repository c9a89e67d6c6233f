"""Connect, watch, tell, disconnect."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chalicelib.core import table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Problem
from chalicelib.identity.actions.sessions import is_over
from chalicelib.identity.rows import SessionRow, UniqueRow, profile_key
from chalicelib.live import rows
from chalicelib.live.rules import SUBSCRIPTIONS
from chalicelib.ports import services
from chalicelib.teams.rows import MemberRow, project_member_key

MOST_READ = 100
"""Rows in one read, as DynamoDB has it."""


def connect(connection: str, actor: Actor) -> None:
    """Remember an open connection and who opened it."""
    rows.connection(connection, kept_as(actor)).save()


def actor_of(connection: str) -> Actor | None:
    """Who opened a connection, or None when it is unknown."""
    row = rows.get_connection(connection)
    return None if row is None else actor_in(row.actor)


def actor_in(kept: str) -> Actor:
    """The actor that `kept_as` wrote down."""
    content = json.loads(kept)
    return Actor(**{**content, "scopes": frozenset(content["scopes"])})


def kept_as(actor: Actor) -> str:
    """An actor as a row keeps them."""
    return json.dumps({**vars(actor), "scopes": sorted(actor.scopes)})


def watch(connection: str, deployment: str, actor: Actor, team: str, project: str) -> None:
    """Subscribe a connection to a deployment of a team's project; twice is once."""
    check_room(connection)
    rows.subscription(connection, deployment, actor, team, project).save()


def check_room(connection: str) -> None:
    """Raise Problem `too_many_subscriptions` when a connection watches as much as it may."""
    if len(rows.watched_by(connection)) >= SUBSCRIPTIONS:
        raise Problem(
            "too_many_subscriptions",
            f"One connection watches at most {SUBSCRIPTIONS} things.",
            hint="Unsubscribe from what is not looked at any more.",
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
    """Those who may at this moment; the others watch no longer."""
    entitled = []
    for start in range(0, len(watchers), MOST_READ // _WITNESSES):
        part = watchers[start : start + MOST_READ // _WITNESSES]
        found: list[Any] = table.find_mixed([key for w in part for key in _witnesses(w)])
        for place, watcher in enumerate(part):
            if _may(watcher, found[place * _WITNESSES : (place + 1) * _WITNESSES]):
                entitled.append(watcher)
            else:
                watcher.delete()
    return entitled


_WITNESSES = 5


def _witnesses(watcher: rows.Subscription) -> list[tuple[type[Any], str, str]]:
    """Where to look whether somebody may still watch, in the order in which `_may` takes it."""
    return [
        *credential_keys(watcher),
        (MemberRow, f"TEAM#{watcher.team}", f"MEMBER#{watcher.user}"),
        project_member_key(str(watcher.project), str(watcher.user)),
    ]


def _may(watcher: rows.Subscription, found: list[Any]) -> bool:
    """Whether the key or session is still good, and its person still in the team or project."""
    *credential, member, guest = found
    if not is_good(watcher, credential):
        return False
    return not watcher.user or member is not None or guest is not None


def is_good(watcher: rows.Subscription, found: list[Any]) -> bool:
    """Whether the key or session behind a subscription, and its person, are still good."""
    key, session, person = found
    if watcher.key and key is None:
        return False
    if watcher.session and (session is None or is_over(session, person)):
        return False
    return not watcher.user or (person is not None and person.status == "active")


def credential_keys(watcher: rows.Subscription) -> list[tuple[type[Any], str, str]]:
    """Where to look for that, in the order in which `is_good` takes it."""
    return [
        (UniqueRow, f"UNIQ#key#{watcher.key}", "META"),
        (SessionRow, f"SESSION#{watcher.session}", "META"),
        profile_key(str(watcher.user)),
    ]
