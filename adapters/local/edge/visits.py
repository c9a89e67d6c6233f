"""Which deployment a visitor gets from this edge, and the cookies they take along."""

import secrets
import time
from collections.abc import Callable

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer
from adapters.local.edge.routes import Route
from chalicelib.edge.rules import visitors
from chalicelib.edge.rules.hosts import Site
from chalicelib.edge.rules.visitors import Choice, Visit

_OPENING = {b"document", b"iframe", b"frame", b""}


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


def asks_production(pin: tuple[bytes, bytes], headers: dict[bytes, bytes], query: bytes) -> bool:
    """Whether a request surely is a part of a page of production, or of none, without much ado."""
    if query or b"x-clouddeck-pin" in headers:
        return False
    destination = headers.get(b"sec-fetch-dest")
    if destination is None:
        if b"text/html" in headers.get(b"accept", b"").lower():
            return False
    elif destination in _OPENING:
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
    served = answers.header(answer, "X-CloudDeck-Deployment")
    media_type = answers.header(answer, "Content-Type")
    for cookie in visitors.cookies(choice, served, answer.status, media_type):
        answers.add_header(answer, "Set-Cookie", cookie.header(secure=secure))
