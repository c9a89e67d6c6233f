"""The feed of a team: every change is told to whoever watches it and may see what changed.

The installation has one too, of what is written into its log, for those who run it.

A write asks one thing, whether anybody watches the team at all (half a read), and puts an event on
the bus if so; the function `on-team-changed` weighs and sends. Telling is a courtesy: whoever
missed something asks the API, so no failure here reaches the write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.admin.actions import authority
from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.errors import NotFound, not_found
from chalicelib.core.observe import logger
from chalicelib.live import actions, rows, rules
from chalicelib.live.entitled import administrators, entitled
from chalicelib.live.rules import Change
from chalicelib.ports import services
from chalicelib.teams import actions as teams

KIND = "team.changed"
SECONDS = 20.0
"""How long one change is told; who was not reached by then asks by themselves."""

PATIENCE_SECONDS = 1.0
"""How long a write waits until its change is handed over."""

_hanging = threading.BoundedSemaphore(16)


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
    actions.watch_team(connection, team, actor)
    return team


def subscribe_installation(actor: Actor, connection: str) -> None:
    """Let a connection watch the log of the installation. Raises Forbidden `admin_only`."""
    authority.authorise(actor, "admin.read", rules.INSTALLATION, {})
    actions.watch_team(connection, rules.INSTALLATION, actor)


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


def tell_installation(change: Change) -> int:
    """Send a change to those who watch the log of the installation and may read it now."""
    may_hear = administrators(rows.watchers(rules.INSTALLATION))
    return actions.send(may_hear, change.message, SECONDS)


def tell(change: Change, on: teams.Resource, message: Callable[[], dict[str, Any]]) -> int:
    """Send a message to the team's watchers who may see `on` now; how many got it.

    At most 500 of them, a read for every 19 and eight sends at a time, for `SECONDS`. The message
    is made when there is somebody to get it.
    """
    may_hear = entitled(rows.watchers(change.team), change.team, change.permission, on)
    return actions.send(may_hear, message, SECONDS)
