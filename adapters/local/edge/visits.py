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


def is_divided(route: Route, site: Site) -> bool:
    """Whether two visitors of this host may get different deployments."""
    return route.divided and site.deployment is None


def choose(
    route: Route, site: Site, header: Callable[[bytes], str], query: bytes, *, secure: bool
) -> Choice:
    """Which deployment answers a request; who asks matters on divided hosts alone."""
    if site.deployment is not None:
        return Choice(site.deployment, "preview")
    if not route.divided:
        return Choice(route.production, "production")
    visit = Visit(
        lambda name: header(name.encode()),
        query.decode("latin-1"),
        secrets.token_hex(16),
        time.time_ns() // 1_000_000,
        secure,
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
