"""Routes of web push: the key that browsers subscribe with, and one's own browsers."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

from chalicelib.core import clock, ids
from chalicelib.core.errors import not_found
from chalicelib.core.http import (
    PUBLIC,
    SIGNED_IN,
    Call,
    Empty,
    Input,
    Output,
    Routes,
    secret_field,
)
from chalicelib.push.actions import browsers, telling, vapid
from chalicelib.push.rows import Browser
from chalicelib.push.rules import EVENTS, MOST_TEAMS, Event, browser_name

routes = Routes("push")

TeamName = Annotated[str, Field(min_length=1, max_length=100)]


class KeyView(Output):
    """The public key by which push services know this installation (`applicationServerKey`)."""

    key: str


class SubscriptionKeys(Input):
    """What a browser encrypts its messages with, as `PushSubscription.toJSON()` has it."""

    p256dh: str = secret_field(max_length=200)
    auth: str = secret_field(max_length=100)


class NewBrowser(Input):
    """A browser's subscription. Without `events` or `teams` it keeps those it had.

    A new one without them is told of everything, in all teams; an empty list of teams says all.
    """

    endpoint: str = secret_field(min_length=1, max_length=1000)
    keys: SubscriptionKeys
    events: list[Event] | None = Field(None, max_length=len(EVENTS))
    teams: list[TeamName] | None = Field(None, max_length=MOST_TEAMS)


class BrowserView(Output):
    """A browser that gets notifications; `service` is the host of its push service."""

    id: str
    name: str
    service: str
    events: list[str]
    teams: list[str]
    created_at: str
    failing_since: str | None
    current: bool


class BrowserList(Output):
    """All of one's browsers, and what there is to be told of."""

    items: list[BrowserView]
    events: list[str]


class TestWish(Input):
    """Which browser; all of them without one."""

    browser: str | None = Field(None, max_length=100)


class Tried(Output):
    """What became of a message: `taken`, `gone`, `refused` or `unreachable`."""

    id: str
    outcome: str


class TriedList(Output):
    """One outcome for each browser."""

    items: list[Tried]


@routes.get("/push/key", permission=PUBLIC, answer=KeyView)
def show_key(_call: Call) -> tuple[KeyView, dict[str, str]]:
    """The public key that a browser subscribes with; it never changes."""
    return KeyView(key=vapid.public_key()), {"Cache-Control": "public, max-age=3600"}


@routes.get("/me/push", permission=SIGNED_IN, answer=BrowserList, problems=(403,))
def list_browsers(call: Call) -> BrowserList:
    """The browsers that get one's notifications; those whose session has ended get none."""
    found = browsers.list_browsers(call.actor)
    return BrowserList(items=[_view(call, i, b) for i, b in found.items()], events=list(EVENTS))


@routes.post(
    "/me/push",
    permission=SIGNED_IN,
    body=NewBrowser,
    answer=BrowserView,
    status=201,
    problems=(403, 404, 409),
)
def subscribe(call: Call) -> BrowserView:
    """Have a browser told, for as long as this session lasts. Sent again it changes the wishes."""
    given = call.body
    wish = browsers.Wish(
        given.endpoint,
        given.keys.p256dh,
        given.keys.auth,
        None if given.events is None else tuple(dict.fromkeys(given.events)),
        None if given.teams is None else tuple(given.teams),
    )
    identifier, browser, new = browsers.subscribe(call.actor, wish)
    if not new:
        call.trail.drop()
    call.trail.after = {"events": browser["events"], "teams": browser["teams"]}
    return _view(call, identifier, browser)


@routes.delete(
    "/me/push/{browser}", permission=SIGNED_IN, answer=Empty, status=204, problems=(403, 404)
)
def remove(call: Call) -> None:
    """Tell one of one's browsers nothing more."""
    gone = browsers.remove(call.actor, call.path["browser"])
    call.trail.before = {"name": browser_name(gone["agent"])}


@routes.post(
    "/me/push/test",
    permission=SIGNED_IN,
    body=TestWish,
    answer=TriedList,
    problems=(403, 404),
    limit="mail",
    audited=False,
)
def test(call: Call) -> TriedList:
    """Send a message to one's browsers at once, and say what their push services answered."""
    found = browsers.list_browsers(call.actor)
    wanted = call.body.browser
    if wanted is not None:
        if wanted not in found:
            raise not_found("browser", wanted)
        found = {wanted: found[wanted]}
    payload: dict[str, Any] = {
        "version": 1,
        "event": "test",
        "title": "CloudDeck can reach you",
        "body": "Notifications arrive at this browser.",
        "path": "/account/notifications",
        "site": "",
        "tag": ids.new("psh"),
        "at": clock.iso(),
    }
    tried = telling.try_out(call.actor.user, found, payload)
    return TriedList(items=[Tried(id=i, outcome=outcome) for i, outcome in tried.items()])


def _view(call: Call, identifier: str, browser: Browser) -> BrowserView:
    since = int(browser["failing_since"])
    return BrowserView(
        id=identifier,
        name=browser_name(browser["agent"]),
        service=str(urlsplit(browser["endpoint"]).hostname),
        events=browser["events"],
        teams=browser["teams"],
        created_at=browser["created_at"],
        failing_since=clock.iso(since) if since else None,
        current=browser["session"] == call.actor.session,
    )
