"""Something happened: the browsers of those who asked for it, and may see it, are told.

Each browser is told of an event once, however often the event comes: it is noted before the
message is sent, so a process that dies in between costs a message and sends none twice. Whether
somebody may see it is asked right before it is sent to them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chalicelib.core import clock
from chalicelib.core.errors import Problem
from chalicelib.core.observe import logger
from chalicelib.core.table import find_mixed
from chalicelib.identity.actions import callers
from chalicelib.identity.actions.sessions import is_over
from chalicelib.identity.rows import SessionRow, UserRow, profile_key
from chalicelib.projects import rows as project_rows
from chalicelib.push import rows, rules
from chalicelib.push.actions import browsers, sending
from chalicelib.push.rows import Browser
from chalicelib.push.rules import Notice
from chalicelib.teams import actions as teams
from chalicelib.teams import rows as team_rows

MOST_PEOPLE = 5_000
"""So many members of one team and project are looked at."""

SECONDS = 45.0
"""How long one event is told; who was not reached by then is not told of it."""

_AT_ONCE = 8


@dataclass(frozen=True)
class _Told:
    """A browser to be told, and whose it is."""

    user: str
    id: str
    browser: Browser


def tell(kind: str, detail: Mapping[str, Any], identifier: str) -> dict[str, int]:
    """Tell of an event of the bus; how many browsers took it, and what became of the others."""
    project = project_rows.get(str(detail["project"]))
    if project is None or project.deleted_at or project.team != detail["team"]:
        return {}
    notice = rules.notice_of(kind, detail, identifier, project.slug)
    if notice is None:
        return {}
    until, payload = time.monotonic() + SECONDS, notice.payload(clock.iso())

    def one(told: _Told) -> str:
        if time.monotonic() > until:
            return "late"
        if not _may(told, notice):
            return ""
        if not rows.claim(notice.key, told.id):
            return "told before"
        return deliver(told.user, told.id, told.browser, payload, urgent=notice.urgent)

    found = [told for row in rows.of_users(_people(notice)) for told in _wanting(row, notice)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = Counter(pool.map(one, found))
    return {outcome: count for outcome, count in outcomes.items() if outcome}


def deliver(
    user: str, identifier: str, browser: Browser, payload: dict[str, Any], **how: Any
) -> str:
    """Send to one browser, and draw the conclusions: what is over, or fails for days, is ended.

    `how` is `urgent` and `tries` of `sending.send`.
    """
    try:
        outcome = sending.send(browser, payload, **how)
        failing = int(browser["failing_since"])
        if outcome == "gone":
            browsers.end(user, identifier)
        elif outcome == "taken" and failing:
            browsers.note(user, identifier, 0)
        elif outcome != "taken" and not failing:
            browsers.note(user, identifier, clock.now_ms())
        elif outcome != "taken" and clock.now_ms() - failing > rules.FAILING_DAYS * 86_400_000:
            browsers.end(user, identifier)
    except Exception:  # one browser keeps no other from being told
        logger().exception("a browser is left", extra={"browser": identifier})
        return "unreachable"
    return outcome


def try_out(user: str, found: dict[str, Browser], payload: dict[str, Any]) -> dict[str, str]:
    """Send a message to some of a person's browsers, once each and at the same time."""

    def one(identifier: str) -> str:
        return deliver(user, identifier, found[identifier], payload, tries=1)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(found, pool.map(one, found), strict=True))


def _people(notice: Notice) -> Iterator[str]:
    """Everybody who may have something to do with the project, each once."""
    seen: set[str] = set()
    members = (row.user for row in team_rows.members_of(notice.team))
    guests = (row.user for row in team_rows.project_members_of(notice.project))
    for source in (members, guests):
        for user in islice(source, MOST_PEOPLE):
            if user not in seen:
                seen.add(user)
                yield user


def _wanting(row: rows.PushRow, notice: Notice) -> Iterator[_Told]:
    found: dict[str, Browser] = dict(row.browsers)
    for identifier, browser in found.items():
        if rules.wants(browser, notice.event, notice.team):
            yield _Told(row.user, identifier, browser)


def _may(told: _Told, notice: Notice) -> bool:
    """Whether the session behind a browser is good, and its person may see this now."""
    found: list[Any] = find_mixed(
        [
            (SessionRow, f"SESSION#{told.browser['session']}", "META"),
            profile_key(told.user),
            (team_rows.TeamRow, f"TEAM#{notice.team}", "META"),
            (team_rows.MemberRow, f"TEAM#{notice.team}", f"MEMBER#{told.user}"),
            team_rows.project_member_key(notice.project, told.user),
        ]
    )
    session: SessionRow | None = found[0]
    user: UserRow | None = found[1]
    if session is None or user is None or session.user != told.user or is_over(session, user):
        return False
    if session.expires_at <= clock.epoch() or found[2] is None:
        return False
    on = teams.Resource("project", notice.project)
    if notice.deployment:
        on = teams.Resource(
            "deployment", notice.deployment, notice.environment, project=notice.project
        )
    actor = callers.actor_of_session(session, user)
    try:
        teams.require(actor, notice.team, notice.permission, read=found[2:], on=on)
    except Problem:
        return False
    return True
