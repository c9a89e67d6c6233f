"""Which deployment a visitor gets, and what they are given to remember it by. Pure.

`functions/edge/viewer_request.js` and `viewer_response.js` decide the same in JavaScript. Headers,
query and cookies come from strangers: they choose among deployments of the host's own site, and
whether a deployment is one is for the origin to check.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

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
_NAVIGATIONS = {"document", "iframe", "frame"}


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
    def skew_seconds(self) -> int:
        """How long what a page asks for is answered by the page's own deployment."""

    @property
    def gone(self) -> bool:
        """Whether the site was taken off the air."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What of a request decides: `query` is raw and without `?`, `now_ms` counts from 1970.

    `request_id` is as good as random and no request shares it with another. `secure` says that it
    came over TLS.
    """

    header: Header
    query: str
    request_id: str
    now_ms: int
    secure: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The deployment that answers, None when only the route's own table can tell.

    `visitor` is the id a visitor was given just now; `pin_seconds` is how long a page shall be
    remembered, 0 when the answer will be no page or the site does not ask for it.
    """

    deployment: str | None
    why: Why
    visitor: str | None = None
    pin_seconds: int = 0

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
    if skew and not opening:
        pin = _pin(visit, skew)
        if pin is not None:
            return Choice("dpl_" + pin, "pin")
    pin_seconds = skew if opening else 0
    canary = _canary(route)
    if canary is None:
        return Choice(route.production, "production", None, pin_seconds)
    known = _cookie(visit, VISITOR_COOKIE)
    new = None if _VISITOR.match(known) else visitor_id(visit.request_id)
    if bucket(new or known) < route.weight:
        return Choice(canary, "canary", new, pin_seconds)
    return Choice(route.production, "production", new, pin_seconds)


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
        return destination in _NAVIGATIONS
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


def _pin(visit: Visit, seconds: int) -> str | None:
    """The first of header, parameter and cookie that names a deployment made in the window."""
    pins = (
        visit.header(PIN_HEADER),
        parameter(visit.query, PIN_PARAMETER),
        _cookie(visit, PIN_COOKIE),
    )
    for pin in pins:
        if _ULID.match(pin) and 0 <= visit.now_ms - made_ms(pin) <= seconds * 1000:
            return pin
    return None


def _cookie(visit: Visit, name: str) -> str:
    return cookie_value(visit.header("cookie"), over_tls(name) if visit.secure else name)


def _canary(route: Divided) -> str | None:
    """The canary, when anybody at all shall see it."""
    return route.canary if route.weight > 0 else None


def _md5(text: str) -> str:
    """Spreads evenly, and the edge's JavaScript has it; nothing is kept secret by it."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
