"""Which deployment a visitor gets from this edge, and the cookies they take along."""

import secrets
import time
from collections.abc import Callable

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer, Prepared
from adapters.local.edge.routes import Route
from chalicelib.edge.rules import visitors
from chalicelib.edge.rules.hosts import Site
from chalicelib.edge.rules.visitors import Choice, Visit

_OPENING = {name.encode() for name in visitors.NAVIGATIONS}


def is_divided(route: Route, site: Site) -> bool:
    """Whether two visitors of this host may get different deployments."""
    return route.divided and site.deployment is None


def pin(route: Route, site: Site, *, secure: bool) -> tuple[bytes, bytes] | None:
    """The name and the value of the cookie by which a part of a page asks for production.

    None where anything else than a pin divides visitors, or nothing does.
    """
    if not is_divided(route, site) or route.production is None:
        return None
    if route.canary and (route.weight or route.match):
        return None
    name = visitors.over_tls(visitors.PIN_COOKIE) if secure else visitors.PIN_COOKIE
    value = route.production.removeprefix("dpl_")
    return f"{name}=".encode(), f"{name}={value}".encode()


def opens(headers: dict[bytes, bytes]) -> bool:
    """Whether a browser is opening a page: `visitors.is_navigation`, without text in between."""
    destination = headers.get(b"sec-fetch-dest")
    if destination:
        return destination in _OPENING
    return b"text/html" in headers.get(b"accept", b"").lower()


def asks_production(pin: tuple[bytes, bytes], headers: dict[bytes, bytes], query: bytes) -> bool:
    """Whether a part of a page surely is one of production, or of none, without much ado."""
    if query or b"x-clouddeck-pin" in headers:
        return False
    cookies = headers.get(b"cookie", b"")
    name, production = pin
    return cookies.count(name) == (1 if production in cookies else 0)


def choose(  # whose site it is, and what of a request decides
    route: Route,
    site: Site,
    header: Callable[[str], str],
    query: bytes,
    country: Callable[[], str],
    *,
    secure: bool,
) -> Choice:
    """Which deployment answers a request; who asks matters on divided hosts alone."""
    if site.deployment is not None:
        return Choice(site.deployment, "preview")
    if not route.divided:
        return Choice(route.production, "production")
    visit = Visit(
        header,
        query.decode("latin-1"),
        secrets.token_hex(16),
        time.time_ns() // 1_000_000,
        secure,
        country() if route.match and route.match.kind == "country" else "",
    )
    return visitors.choose(route, None, visit)


def set_cookies(answer: Answer, choice: Choice, *, secure: bool) -> None:
    """Let the visitor remember; it follows from what the answer says, as on CloudFront.

    `secure` says that the visitor came over TLS, where cookies have other names.
    """
    answer.head += _cookies(choice, answer.head, answer.status, secure=secure)


def remember(prepared: Prepared, route: Route, *, secure: bool) -> None:
    """The same on a page of production that lies ready for everybody who opens it."""
    choice = Choice(route.production, "production", None, route.skew_seconds)
    lines = [_cookies(choice, prepared.head, status, secure=secure) for status in (200, 304)]
    prepared.head += lines[0]
    prepared.head_304 += lines[1]


def _cookies(choice: Choice, head: bytes, status: int, *, secure: bool) -> bytes:
    """The lines that set cookies on an answer with such a head."""
    served = answers.header(head, "X-CloudDeck-Deployment")
    media_type = answers.header(head, "Content-Type")
    made = visitors.cookies(choice, served, status, media_type)
    return b"".join(f"Set-Cookie: {one.header(secure=secure)}\r\n".encode() for one in made)
