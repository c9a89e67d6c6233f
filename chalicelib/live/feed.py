"""The feed of a team: every change is told to whoever watches it and may see what changed.

A write asks one thing, whether anybody watches the team at all (half a read), and puts an event on
the bus if so; the function `on-team-changed` weighs and sends. Telling is a courtesy: whoever
missed something asks the API, so no failure here reaches the write.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from chalicelib.core import clock, table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import NotFound, Problem, not_found
from chalicelib.core.observe import logger
from chalicelib.live import actions, rows, rules
from chalicelib.live.rules import Change
from chalicelib.ports import services
from chalicelib.teams import actions as teams
from chalicelib.teams import rows as team_rows

KIND = "team.changed"
SECONDS = 20.0
"""How long one change is told; who was not reached by then asks by themselves."""

PATIENCE_SECONDS = 1.0
"""How long a write waits until its change is handed over."""

_hanging = threading.BoundedSemaphore(16)
_AT_ONCE = 8
_A_READ = 19
"""Watchers in one read: five rows each and the team's own are within the 100 of a batch."""


def subscribe(actor: Actor, connection: str, name: str) -> str:
    """Let a connection watch a team, by id or slug; answers the team's id. Twice is once.

    Somebody who has a role in a project of the team only hears of that project. Raises NotFound
    for a team that is not theirs, Forbidden as `teams.require`, and Problem 429
    `too_many_watchers`.
    """
    team = teams.team_named(name)
    absent = not_found("team", name)
    try:
        teams.require(actor, team, "team.read", absent=absent)
    except NotFound:
        if not teams.is_theirs(actor, team):
            raise
    if rows.count_watchers(team) >= rules.WATCHERS_OF_A_TEAM:
        raise Problem(
            "too_many_watchers",
            f"{rules.WATCHERS_OF_A_TEAM} connections watch this team already.",
            hint="Ask the API from time to time instead.",
            status=429,
        )
    actions.check_room(connection)
    rows.team_subscription(connection, team, actor, actions.kept_as(actor)).save()
    return team


def heard(entry: Mapping[str, Any]) -> None:
    """An entry of the audit log was written."""
    change = rules.change_of(entry)
    if change is not None:
        publish(change)


def changed(team: str, project: str, what: str, identifier: str) -> None:
    """A machine changed something of a team without an entry in its log."""
    publish(Change(team, project, what, identifier, clock.iso()))


def moved(team: str, project: str, deployment: str) -> None:
    """A deployment entered another state."""
    publish(Change(team, project, "deployment", deployment, clock.iso(), deployment))


def publish(change: Change) -> None:
    """Hand a change over to those who tell it, if anybody watches. Never raises.

    Whatever made the change waits for `PATIENCE_SECONDS` at most: a table or a bus that hangs
    keeps a thread, of which there are a few, and when all of them hang nobody is told.
    """
    if not _hanging.acquire(blocking=False):
        return
    thread = threading.Thread(target=_publish, args=(change,), daemon=True)
    thread.start()
    thread.join(PATIENCE_SECONDS)


def _publish(change: Change) -> None:
    try:
        if rows.anybody_watches(change.team):
            services().bus.put(KIND, {"version": 1, **vars(change)})
    except Exception:
        logger().exception("nobody hears of a change", extra={"team": change.team})
    finally:
        _hanging.release()


def read(detail: Mapping[str, Any]) -> Change:
    """The change that `publish` put on the bus."""
    return Change(**{name: str(detail[name]) for name in Change.__dataclass_fields__})


def tell(change: Change, on: teams.Resource, message: Callable[[], dict[str, Any]]) -> int:
    """Send a message to the team's watchers who may see `on` now; how many got it.

    At most 500 of them, a read for every 19 and eight sends at a time, for `SECONDS`. The message
    is made when there is somebody to get it.
    """
    may_hear = _entitled(change, on)
    if not may_hear:
        return 0
    content, until = message(), time.monotonic() + SECONDS

    def send(connection: str) -> bool:
        if time.monotonic() > until:
            return False
        try:
            if services().live.send(connection, content):
                return True
            actions.disconnect(connection)
        except OSError:
            logger().info("a watcher was not told", extra={"team": change.team})
        return False

    with ThreadPoolExecutor(min(_AT_ONCE, len(may_hear))) as pool:
        return sum(pool.map(send, may_hear))


def _entitled(change: Change, on: teams.Resource) -> list[str]:
    """Connections of those who may see it at this moment; dead credentials watch no longer."""
    found = islice(rows.watchers(change.team), rules.WATCHERS_OF_A_TEAM)
    watchers, entitled = list(found), []
    known: dict[str, bool] = {}
    for start in range(0, len(watchers), _A_READ):
        part = watchers[start : start + _A_READ]
        keys = [key for watcher in part for key in _keys(watcher, change)]
        team, *read = table.find_mixed([(team_rows.TeamRow, f"TEAM#{change.team}", "META"), *keys])
        each = len(keys) // len(part)
        for place, watcher in enumerate(part):
            seen: list[Any] = read[place * each : (place + 1) * each]
            if not actions.is_good(watcher, seen[:3]):
                watcher.delete()
                continue
            who = str(watcher.actor)
            if who not in known:
                known[who] = _may(actions.actor_in(who), change, on, [team, *seen[3:]])
            if known[who]:
                entitled.append(watcher.connection)
    return entitled


def _keys(watcher: rows.Subscription, change: Change) -> list[tuple[type[Any], str, str]]:
    user = str(watcher.user)
    keys = actions.credential_keys(watcher)
    keys.append((team_rows.MemberRow, f"TEAM#{change.team}", f"MEMBER#{user}"))
    if change.project:
        keys.append(team_rows.project_member_key(change.project, user))
    return keys


def _may(actor: Actor, change: Change, on: teams.Resource, read: list[Any]) -> bool:
    if read[0] is None:
        return False
    try:
        teams.require(actor, change.team, change.permission, read=read, on=on)
    except Problem:
        return False
    return True
