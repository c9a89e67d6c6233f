"""The door of protected sites: who is let in, and the page for who is not."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer, Context, Headers
from chalicelib.edge.rules import access
from chalicelib.edge.rules.access import Doors
from chalicelib.edge.rules.hosts import Site

if TYPE_CHECKING:
    from adapters.local.edge.routes import Route
    from adapters.local.edge.serving import Request

_PATH = access.PATH.encode()


def check(
    request: Request, route: Route, site: Site, context: Context, doors: Doors
) -> Answer | None:
    """The answer to who is not admitted yet, or comes through the door; None to go on."""
    if request.path == _PATH and request.method == b"GET":
        return _enter(request, route, site, context, doors)
    rule = route.access
    if rule is None or not access.is_protected(rule, site):
        return None
    said = access.carried(lambda name: request.text(name.encode()), secure=request.secure)
    if access.is_admitted(rule, site.slug, said, _now()):
        return None
    return _door(request, route, site, context, doors)


def _enter(request: Request, route: Route, site: Site, context: Context, doors: Doors) -> Answer:
    """Turn a token into a cookie, and go on to where its bearer was going."""
    query = request.query.decode("latin-1")
    entrance = access.enter(route.access, site.slug, query, _now())
    if entrance.location is None:
        return _door(request, route, site, context, doors)
    answer = answers.redirect(entrance.location, context, 302, _unkept)
    if entrance.cookie is not None:
        answers.add_header(answer, "Set-Cookie", entrance.cookie.header(secure=request.secure))
    return answer


def _door(request: Request, route: Route, site: Site, context: Context, doors: Doors) -> Answer:
    assert route.access is not None
    query = request.query.decode("latin-1")
    again = request.path == _PATH
    if again:  # where a wrong password should have led
        to = access.wanted(query)
    else:
        to = request.path.decode("latin-1") + (f"?{query}" if query else "")
    where = request.host.decode("latin-1")
    page = access.door(route.access, site.slug, where, to, doors, again=again)
    return answers.protected(page.encode(), access.door_policy(doors), context)


def _unkept(headers: Headers) -> Headers:
    return answers.merged(headers, [("Cache-Control", "no-store")])


def _now() -> int:
    return time.time_ns() // 1_000_000
