"""Who may hear: every message is weighed in the moment in which it is sent, as a request would be.

What a connection was opened with may end before the connection does: a session, a key, an account,
a membership, or what a policy lets somebody see.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any

from chalicelib.admin.actions import authority
from chalicelib.core import clock, table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Problem
from chalicelib.identity import rows as identity
from chalicelib.identity.actions import callers
from chalicelib.identity.actions.sessions import is_over
from chalicelib.live import rows, rules
from chalicelib.teams import actions as teams
from chalicelib.teams import rows as team_rows

_A_READ = 19
"""Watchers in one read: five rows each and the team's own are within the 100 of a batch."""

Key = tuple[type[Any], str, str]


def kept_as(actor: Actor) -> str:
    """An actor as a row keeps them."""
    return json.dumps({**vars(actor), "scopes": sorted(actor.scopes)})


def actor_in(kept: str) -> Actor:
    """The actor that `kept_as` wrote down."""
    content = json.loads(kept)
    return Actor(**{**content, "scopes": frozenset(content["scopes"])})


def current(actor: Actor) -> Actor | None:
    """Whoever opened a connection, as they are now; None when their session or key has ended."""
    if not actor.is_key:
        session, person = identity.session_and_user(actor.session, actor.user)
        return _in_session(actor, session, person)
    key = identity.api_key_by_id(actor.id)
    if key is None or key.revoked_at is not None or _is_past(key.expires_at):
        return None
    person = identity.user_of(key.user) if key.user else None
    if key.user and (person is None or person.status != "active"):
        return None
    return replace(callers.actor_of_key(key), ip=actor.ip, agent=actor.agent)


def ends(actor: Actor) -> int | None:
    """When the key behind a connection ends, in seconds since 1970; sessions say so themselves."""
    key = identity.api_key_by_id(actor.id) if actor.is_key else None
    return None if key is None or key.expires_at is None else int(key.expires_at)


def entitled(
    watchers: Iterable[rows.Subscription], team: str, permission: str, on: teams.Resource
) -> list[str]:
    """Connections of those who may see `on` at this moment, of the first 500 watchers.

    Whose session or key has ended, and whose access to a single deployment has, watches no longer.
    """
    found, may_hear = list(islice(watchers, rules.WATCHERS)), []
    known: dict[str, bool] = {}
    for start in range(0, len(found), _A_READ):
        part = found[start : start + _A_READ]
        keys = [key for watcher in part for key in _keys(watcher, team, on.within)]
        team_row, *read = table.find_mixed([(team_rows.TeamRow, f"TEAM#{team}", "META"), *keys])
        each = len(keys) // len(part)
        for place, watcher in enumerate(part):
            seen: list[Any] = read[place * each : (place + 1) * each]
            actor = _actor(watcher, seen)
            if actor is None:
                watcher.delete()
                continue
            who = kept_as(actor)
            if who not in known:
                known[who] = _may(actor, team, permission, on, [team_row, *seen[3:]])
            if known[who]:
                may_hear.append(watcher.connection)
            elif watcher.deployment:
                watcher.delete()
    return may_hear


def administrators(watchers: Iterable[rows.Subscription]) -> list[str]:
    """Connections of those who may read the log of the installation at this moment.

    Of the first 500 watchers; whose session or key has ended watches no longer.
    """
    found, may_hear = list(islice(watchers, rules.WATCHERS)), []
    for start in range(0, len(found), _A_READ):
        part = found[start : start + _A_READ]
        read = table.find_mixed([key for watcher in part for key in _credentials(watcher)])
        for place, watcher in enumerate(part):
            seen: list[Any] = read[place * 3 : place * 3 + 3]
            actor = _actor(watcher, seen)
            if actor is None:
                watcher.delete()
            elif seen[2] is not None and authority.may(actor, seen[2], "admin.read"):
                may_hear.append(watcher.connection)
    return may_hear


def _credentials(watcher: rows.Subscription) -> list[Key]:
    """Where what somebody watches by, and who they are, is written down."""
    return [
        (identity.UniqueRow, f"UNIQ#key#{watcher.key}", "META"),
        (identity.SessionRow, f"SESSION#{watcher.session}", "META"),
        identity.profile_key(str(watcher.user)),
    ]


def _keys(watcher: rows.Subscription, team: str, project: str) -> list[Key]:
    """Where to look, in the order in which `entitled` takes it."""
    user = str(watcher.user)
    keys: list[Key] = [
        *_credentials(watcher),
        (team_rows.MemberRow, f"TEAM#{team}", f"MEMBER#{user}"),
    ]
    return [*keys, team_rows.project_member_key(project, user)] if project else keys


def _actor(watcher: rows.Subscription, seen: list[Any]) -> Actor | None:
    """Who watches, as they are now; None when what they watch by has ended."""
    key, session, person, *_ = seen
    if watcher.actor is None:
        return None
    actor = actor_in(watcher.actor)
    if not actor.is_key:
        return _in_session(actor, session, person)
    active = not actor.user or (person is not None and person.status == "active")
    return actor if key is not None and active and not _is_past(watcher.ends) else None


def _in_session(actor: Actor, session: Any, person: Any) -> Actor | None:
    if session is None or session.user != actor.user or is_over(session, person):
        return None
    if _is_past(session.expires_at):
        return None
    now = callers.actor_of_session(session, person)
    return replace(now, ip=actor.ip, agent=actor.agent)


def _is_past(moment: Any) -> bool:
    return moment is not None and int(moment) <= clock.epoch()


def _may(actor: Actor, team: str, permission: str, on: teams.Resource, read: list[Any]) -> bool:
    if read[0] is None:
        return False
    try:
        teams.require(actor, team, permission, read=read, on=on)
    except Problem:
        return False
    return True
