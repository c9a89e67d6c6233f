"""The browsers of a person: subscribed, listed, removed.

A subscription lasts as long as the session in which it was made: whoever ends the session of a
lost laptop ends its notifications too.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.core import clock, ids, outbound
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Invalid, Unavailable, not_found
from chalicelib.core.table import find_mixed
from chalicelib.identity.actions.factors import person
from chalicelib.identity.actions.sessions import is_over
from chalicelib.identity.rows import SessionRow, UserRow
from chalicelib.push import rows, rules
from chalicelib.push.actions.encryption import decoded, public_key
from chalicelib.push.rows import Browser
from chalicelib.teams import actions as teams

_TRIES = 5


@dataclass(frozen=True)
class Wish:
    """What a browser asks for; None keeps what it asked for before, or takes everything."""

    endpoint: str
    p256dh: str
    auth: str
    events: tuple[str, ...] | None = None
    teams: tuple[str, ...] | None = None


def subscribe(actor: Actor, wish: Wish) -> tuple[str, Browser, bool]:
    """Tell a browser from now on: its id, what is kept of it, and whether that is anything new.

    An endpoint is one browser, whoever uses it: whose it was before is told nothing there any
    more. Raises Invalid `endpoint_not_allowed`, `push_keys_invalid`, NotFound for a team and
    Conflict `too_many_browsers` or `endpoint_taken`.
    """
    user = person(actor)
    _check(wish)
    wanted = None if wish.teams is None else sorted({_team(actor, name) for name in wish.teams})
    made: list[tuple[str, Browser, bool]] = []

    def add(found: dict[str, Browser]) -> dict[str, Browser]:
        same = next((i for i, b in found.items() if b["endpoint"] == wish.endpoint), "")
        kept = found if same or len(found) < rules.MOST_BROWSERS else _alive(found, user)
        if not same and len(kept) >= rules.MOST_BROWSERS:
            raise Conflict(
                "too_many_browsers",
                f"{rules.MOST_BROWSERS} browsers get your notifications already.",
                hint="Remove one with DELETE /v1/me/push/{browser}.",
            )
        old = found.get(same, {})
        browser = {
            "endpoint": wish.endpoint,
            "p256dh": wish.p256dh,
            "auth": wish.auth,
            "events": list(wish.events) if wish.events is not None else _events(old),
            "teams": wanted if wanted is not None else old.get("teams", []),
            "session": actor.session,
            "agent": actor.agent,
            "created_at": old.get("created_at") or clock.iso(),
            "failing_since": 0,
        }
        identifier = same or ids.new("psh")
        made[:] = [(identifier, browser, browser != old)]
        return {**kept, identifier: browser}

    for _ in range(_TRIES):
        before = rows.owner_of(wish.endpoint)
        owner = before.owner if before is not None else None
        other = owner if owner and owner != user.id else ""
        if other:
            _check_same(other, wish)
        _change(user.id, add)
        if other:
            _change(other, lambda found: _without(found, wish.endpoint))
        if rows.take(wish.endpoint, user.id, owner):
            return made[0]
        # somebody else was quicker, who may be at another browser
        _change(user.id, lambda found: _without(found, wish.endpoint))
    raise _busy()


def list_browsers(actor: Actor) -> dict[str, Browser]:
    """The browsers of this person whose sessions go on, oldest first."""
    user = person(actor)
    found = _alive(dict(rows.of_user(user.id).browsers), user)
    return dict(sorted(found.items()))


def remove(actor: Actor, identifier: str) -> Browser:
    """Tell a browser nothing more; raises NotFound."""
    gone = end(person(actor).id, identifier)
    if gone is None:
        raise not_found("browser", identifier)
    return gone


def end(user: str, identifier: str) -> Browser | None:
    """Forget a browser; what was kept of it, or None when it was not there."""
    gone: list[Browser] = []

    def without(found: dict[str, Browser]) -> dict[str, Browser]:
        gone[:] = [found[identifier]] if identifier in found else []
        return {i: b for i, b in found.items() if i != identifier}

    _change(user, without)
    if not gone:
        return None
    rows.drop(gone[0]["endpoint"], user)
    return gone[0]


def note(user: str, identifier: str, failing_since: int) -> None:
    """Remember since when a push service takes nothing (ms since 1970), or 0 that it does."""

    def noted(found: dict[str, Browser]) -> dict[str, Browser]:
        if identifier not in found:
            return found
        return {**found, identifier: {**found[identifier], "failing_since": failing_since}}

    _change(user, noted)


def _change(user: str, work: Callable[[dict[str, Browser]], dict[str, Browser]]) -> None:
    for _ in range(_TRIES):
        row = rows.of_user(user)
        found: dict[str, Browser] = dict(row.browsers)
        changed = work(found)
        if changed == found or rows.save(row, changed):
            return
    raise _busy()


def _busy() -> Unavailable:
    return Unavailable(
        "push_busy",
        "Your browsers are being changed from several places at once.",
        hint="The same request will work in a moment.",
    )


def _check_same(owner: str, wish: Wish) -> None:
    """Raise Conflict `endpoint_taken` unless this is the very browser that `owner` used.

    An endpoint and its keys are made together: who has the one without the others has seen an
    address, and is not at that browser.
    """
    for browser in rows.of_user(owner).browsers.values():
        same = hmac.compare_digest(
            f"{browser['p256dh']} {browser['auth']}".encode(), f"{wish.p256dh} {wish.auth}".encode()
        )
        if browser["endpoint"] == wish.endpoint and not same:
            raise Conflict(
                "endpoint_taken",
                "This endpoint belongs to another browser.",
                hint="Send endpoint and keys of one subscription.",
            )


def _without(found: dict[str, Browser], endpoint: str) -> dict[str, Browser]:
    return {i: b for i, b in found.items() if b["endpoint"] != endpoint}


def _alive(found: dict[str, Browser], user: UserRow) -> dict[str, Browser]:
    """Those whose session goes on."""
    keys: list[Any] = [(SessionRow, f"SESSION#{b['session']}", "META") for b in found.values()]
    sessions: list[Any] = find_mixed(keys)
    now = clock.epoch()
    return {
        identifier: browser
        for (identifier, browser), session in zip(found.items(), sessions, strict=True)
        if session is not None and session.expires_at > now and not is_over(session, user)
    }


def _events(old: Browser) -> list[str]:
    found = old.get("events")
    return list(rules.EVENTS) if found is None else list(found)


def _team(actor: Actor, name: str) -> str:
    """The id of a team that this person is in, or has a role in a project of."""
    team = teams.team_named(name)
    if not ids.is_id(team, "team") or not teams.is_theirs(actor, team):
        raise not_found("team", name)
    return team


def _check(wish: Wish) -> None:
    try:
        outbound.check_url(wish.endpoint, port=443)
    except outbound.NotAllowed as error:
        raise Invalid(
            "endpoint_not_allowed",
            f"This is no push service that can be asked. {error}",
            hint="Send the endpoint that the browser gave.",
        ) from None
    try:
        public_key(decoded(wish.p256dh))
        if len(decoded(wish.auth)) != 16:
            raise ValueError("the secret has 16 bytes")
    except ValueError as error:
        raise Invalid(
            "push_keys_invalid",
            f"The keys are not those of a push subscription: {error}.",
            hint="Send p256dh and auth as PushSubscription.toJSON() has them.",
        ) from None
