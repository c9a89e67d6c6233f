"""Which deployment a visitor gets, and what they are given to remember it by. Pure.

`functions/edge/viewer_request.js` and `viewer_response.js` decide the same in JavaScript. Headers,
query and cookies come from strangers: they choose among deployments of the host's own site, and
whether a deployment is one is for the origin to check.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from chalicelib.edge.rules.routes import Match

ALL = 10_000
"""A canary's weight is counted in this many parts of all visitors."""
YEAR_SECONDS = 31_536_000
VISITOR_COOKIE = "__cdv"
PIN_COOKIE = "__dpl"
"""The names on plain HTTP; over TLS see `over_tls`."""
PIN_HEADER = "x-clouddeck-pin"
PIN_PARAMETER = "dpl"

Why = Literal["preview", "pin", "canary", "production", "ask"]
Header = Callable[[str], str]
"""The value of a request header by its lower-case name; empty when absent."""

_MOST_COOKIE_CHARACTERS = 32_768
_CROCKFORD = {c: n for n, c in enumerate("0123456789abcdefghjkmnpqrstvwxyz")}
_ULID = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}\Z")
_VISITOR = re.compile(r"[0-9a-f]{32}\Z")
NAVIGATIONS = {"document", "iframe", "frame"}
"""What a browser says to open (Sec-Fetch-Dest), rather than to use in a page."""


class Divided(Protocol):
    """The part of a route that visitors are told apart by."""

    @property
    def production(self) -> str | None:
        """The deployment that is live."""

    @property
    def canary(self) -> str | None:
        """The deployment that some visitors see."""

    @property
    def weight(self) -> int:
        """How many of 10,000 visitors those are."""

    @property
    def match(self) -> Match | None:
        """Who sees the canary whatever its weight."""

    @property
    def skew_seconds(self) -> int:
        """How long what a page asks for is answered by the page's own deployment."""

    @property
    def past(self) -> tuple[tuple[str, int], ...]:
        """(deployment, ms since 1970 when it was replaced) of those that were live."""

    @property
    def gone(self) -> bool:
        """Whether the site was taken off the air."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What of a request decides: `query` is raw and without `?`, `now_ms` counts from 1970.

    `request_id` is as good as random and no request shares it with another. `secure` says that it
    came over TLS, `country` where it comes from (ISO 3166; empty when nobody knows).
    """

    header: Header
    query: str
    request_id: str
    now_ms: int
    secure: bool = False
    country: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The deployment that answers, None when only the route's own table can tell.

    `visitor` is the id a visitor was given just now; `pin_seconds` is how long a page shall be
    remembered, 0 when the answer will be no page or the site does not ask for it. `claimed` is a
    deployment that a pin names and that the route does not: made so lately that this route may
    only be the older of the two. Whoever has a newer one asks that; else production answers.
    """

    deployment: str | None
    why: Why
    visitor: str | None = None
    pin_seconds: int = 0
    claimed: str | None = None

    @property
    def preview(self) -> bool:
        """Whether the host itself names the deployment."""
        return self.why == "preview"


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie to be set."""

    name: str
    value: str
    seconds: int

    def header(self, *, secure: bool) -> str:
        """The value of its Set-Cookie header."""
        name = over_tls(self.name) if secure else self.name
        lock = "Secure; " if secure else ""
        return f"{name}={self.value}; Path=/; {lock}HttpOnly; SameSite=Lax; Max-Age={self.seconds}"


def divides(route: Divided) -> bool:
    """Whether it matters who asks; when not, `choose` need not be called for production."""
    return bool(_canary(route)) or route.skew_seconds > 0


def choose(route: Divided | None, preview: str | None, visit: Visit) -> Choice:
    """The deployment for one request.

    `preview` is the deployment that the host names, `route` None when no record is at hand.
    """
    if preview is not None:
        return Choice(preview, "preview")
    if route is None or route.gone or route.production is None:
        return Choice(None, "ask")
    opening = is_navigation(visit.header("sec-fetch-dest"), visit.header("accept"))
    skew = max(route.skew_seconds, 0)
    pinned = _pinned(route, route.production, visit, skew) if skew and not opening else None
    return pinned or _divide(route, route.production, visit, skew if opening else 0)


def may_pin(route: Divided, deployment: str, now_ms: int) -> bool:
    """Whether what a page asks for may be answered by `deployment`: is it live, or was it lately?

    A deployment that never was is none of which a visitor of production has a page.
    """
    if deployment in {route.production, route.canary}:
        return True
    window = route.skew_seconds * 1000
    return any(known == deployment and now_ms - at <= window for known, at in route.past)


def names(match: Match, visit: Visit) -> bool:
    """Whether a match means this visitor. Its cookie has the name that the site gave it."""
    if match.kind == "country":
        return visit.country in match.values
    line = visit.header("cookie") if match.kind == "cookie" else ""
    said = cookie_value(line, match.name) if line else ""
    if match.kind == "header":
        said = visit.header(match.name.lower())
    return said != "" and said in match.values


def cookies(choice: Choice, served: str, status: int, media_type: str) -> tuple[Cookie, ...]:
    """What to set on an answer.

    `served` is the deployment that the answer names, empty when it names none. Errors carry no
    cookies: CloudFront does not ask viewer-response about them.
    """
    if status >= 400:
        return ()
    page = status == 304 or media_type.startswith("text/html")
    made = []
    if choice.visitor is not None:
        made.append(Cookie(VISITOR_COOKIE, choice.visitor, YEAR_SECONDS))
    if choice.pin_seconds and served and page:
        made.append(Cookie(PIN_COOKIE, served.removeprefix("dpl_"), choice.pin_seconds))
    return tuple(made)


def over_tls(name: str) -> str:
    """The name that a cookie has over TLS.

    Sites are neighbours below one domain, and any page may set a cookie for all of it. A name with
    this prefix browsers take from the host itself only: a neighbour can neither pin a visitor of
    another site to a deployment that is not there, nor choose who sees its canary.
    """
    return name.replace("__", "__Host-", 1)


def is_navigation(destination: str, accept: str) -> bool:
    """Whether a browser is opening a page, rather than something that a page asks for."""
    if destination:
        return destination in NAVIGATIONS
    return "text/html" in accept.lower()


def visitor_id(request_id: str) -> str:
    """An id for somebody who has none: nothing about them, only the request they came with."""
    return _md5(request_id)


def bucket(visitor: str) -> int:
    """A visitor's place among 10,000, always the same: a growing canary takes nobody back."""
    return int(_md5(visitor)[:8], 16) % ALL


def made_ms(ulid: str) -> int:
    """Milliseconds since 1970 in a ULID: its first ten characters, five bits each."""
    total = 0
    for character in ulid[:10]:
        total = total * 32 + _CROCKFORD[character]
    return total


def cookie_value(line: str, name: str) -> str:
    """A cookie of a Cookie header; the first of several, empty when there is none."""
    for part in line[:_MOST_COOKIE_CHARACTERS].split(";"):
        key, mark, value = part.strip(" \t").partition("=")
        if mark and key == name:
            return value
    return ""


def parameter(query: str, name: str) -> str:
    """A parameter of a raw query, as it was sent; the first of several, empty without one."""
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if key == name:
            return value
    return ""


def _pinned(route: Divided, production: str, visit: Visit, skew: int) -> Choice | None:
    """What the first pin says that may mean something; None when none does."""
    for pin in _pins(visit):
        if may_pin(route, pin, visit.now_ms):
            return Choice(pin, "pin")
        if 0 <= visit.now_ms - made_ms(pin[4:]) <= skew * 1000:
            return Choice(production, "production", claimed=pin)
    return None


def _divide(route: Divided, production: str, visit: Visit, pin_seconds: int) -> Choice:
    """Canary or production, always the same for one visitor."""
    canary = _canary(route)
    if canary is None:
        return Choice(production, "production", None, pin_seconds)
    if route.match is not None and names(route.match, visit):
        return Choice(canary, "canary", None, pin_seconds)
    if route.weight <= 0:
        return Choice(production, "production", None, pin_seconds)
    known = _cookie(visit, VISITOR_COOKIE)
    new = None if _VISITOR.match(known) else visitor_id(visit.request_id)
    if bucket(new or known) < route.weight:
        return Choice(canary, "canary", new, pin_seconds)
    return Choice(production, "production", new, pin_seconds)


def _pins(visit: Visit) -> Iterator[str]:
    """The deployments that header, parameter and cookie name, in this order."""
    said = (
        visit.header(PIN_HEADER),
        parameter(visit.query, PIN_PARAMETER),
        _cookie(visit, PIN_COOKIE),
    )
    return ("dpl_" + pin for pin in said if _ULID.match(pin))


def _cookie(visit: Visit, name: str) -> str:
    return cookie_value(visit.header("cookie"), over_tls(name) if visit.secure else name)


def _canary(route: Divided) -> str | None:
    """The canary, when anybody at all shall see it."""
    return route.canary if route.weight > 0 or route.match else None


def _md5(text: str) -> str:
    """Spreads evenly, and the edge's JavaScript has it; nothing is kept secret by it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
