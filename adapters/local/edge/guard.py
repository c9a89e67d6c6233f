"""What a site's guard refuses, at the local edge: asked before anything else of the site."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING

from adapters.local.edge import answers, guard_challenge
from adapters.local.edge.answers import Answer, Context
from adapters.local.edge.countries import Whereabouts
from adapters.local.edge.guard_challenge import Challenge
from adapters.local.edge.guard_counter import SlidingCounter
from adapters.local.edge.routes import Route
from chalicelib.edge.rules import guard as rules
from chalicelib.edge.rules.pages import Notice
from chalicelib.edge.rules.paths import Path, normalise_path

if TYPE_CHECKING:
    from adapters.local.edge.serving import Request

_MOST_GUARDS = 2_000

log = logging.getLogger(__name__)


class GuardKeeper:
    """Every site's guard, read once, and what is counted for them.

    `secret` is the installation's: edges that share it take each other's visitors as checked.
    """

    def __init__(self, whereabouts: Whereabouts, secret: bytes) -> None:
        self._whereabouts = whereabouts
        key = secret or secrets.token_bytes(32)
        self._challenge = Challenge(hmac.new(key, b"challenge", hashlib.sha256).digest())
        self._counter = SlidingCounter()
        self._guards: OrderedDict[str, tuple[str, rules.Guard]] = OrderedDict()

    def check(self, request: Request, route: Route, context: Context) -> Answer | None:
        """The answer to who may not come in, or has to show more; None lets a request go on.

        Only for routes with a guard: without one there is nothing to ask.
        """
        address = self._whereabouts.address(request)
        if request.path == guard_challenge.PATH and request.method == b"GET":
            return self._challenge.check(
                request.query, route.site, address, context, secure=request.secure
            )
        guard = self._guard(route)
        if guard is None:
            return None
        cookies = _cookies(request)
        visit = rules.Visit(
            address=address,
            country=self._whereabouts.country(request),
            method=request.method.decode("latin-1"),
            path=_path(request),
            agent=_header(request, "user-agent"),
            header=lambda name: _header(request, name),
            cookie=lambda name: cookies.get(name, ""),
            cleared=self._challenge.cleared(cookies, route.site, address, secure=request.secure),
        )
        ruling = rules.judge(guard, visit, _Of(self._counter, route.site))
        if ruling is None:
            return None
        if ruling.action == "challenge":
            return self._challenge.ask(route.site, address, context)
        return _refuse(ruling, context)

    def _guard(self, route: Route) -> rules.Guard | None:
        """The guard of a route; one that cannot be read leaves the site's last good one."""
        known = self._guards.get(route.site)
        if known is not None and known[0] == route.guard:
            self._guards.move_to_end(route.site)
            return known[1]
        try:
            found = rules.read(route.guard)
        except rules.BadGuardError as error:
            log.warning(
                "the guard of %s cannot be read, the last one counts: %s", route.slug, error
            )
            if known is None:
                return None
            found = known[1]
        self._guards[route.site] = (route.guard, found)
        self._guards.move_to_end(route.site)
        if len(self._guards) > _MOST_GUARDS:
            self._guards.popitem(last=False)
        return found


class _Of:
    """A site's share of the counter: two sites may call their rates the same."""

    def __init__(self, counter: SlidingCounter, site: str) -> None:
        self._counter = counter
        self._site = site

    def over(self, key: tuple[str, str], window: int, limit: int) -> int:
        return self._counter.over((f"{self._site}\0{key[0]}", key[1]), window, limit)


def _refuse(ruling: rules.Ruling, context: Context) -> Answer:
    if ruling.retry_after:
        text = "Too many requests came from here. Please wait a moment and try again."
        headers = [("Retry-After", str(ruling.retry_after))]
        notice = Notice(429, "Too many requests", text, "rate_limited")
        return answers.page(notice, context, headers=headers)
    notice = Notice(403, "Not allowed", "This site does not answer requests like this.", "refused")
    return answers.page(notice, context)


def _path(request: Request) -> str:
    """The decoded path, however it was spelled; what no rule of the edge takes stays as it came."""
    found = normalise_path(request.path)
    return found.text if isinstance(found, Path) else request.path.decode("latin-1")


def _header(request: Request, name: str) -> str:
    """The first header of a name; empty when it is absent."""
    wanted = name.lower().encode("latin-1")
    for found, value in request.all:
        if found == wanted:
            return value.decode("latin-1")
    return ""


def _cookies(request: Request) -> dict[str, str]:
    """All cookies, of two the first."""
    found: dict[str, str] = {}
    for name, value in request.all:
        if name == b"cookie":
            for part in value.decode("latin-1").split(";"):
                key, _, text = part.strip().partition("=")
                found.setdefault(key, text)
    return found
