"""What the visitor's function says of a request, and what to do where it could not say enough.

Its text is part of the cache's key. Whatever else the request holds came past the cache, and an
answer that follows from it is for this visitor alone.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from chalicelib.edge.rules import access
from chalicelib.edge.rules.routing.facts import Facts, facts_of, read_seen
from functions.edge.origin import answer
from functions.edge.origin.answer import Headers, Whose, first
from functions.edge.origin.choice import Asked
from functions.edge.origin.notes import PREFIX
from functions.edge.origin.route import Row

_ADMITTED = f"{access.SEEN}=1"
_ON_PREVIEWS = {"country", "language", "query", "authorization"}


def is_shut_out(given: Headers, asked: Asked, row: Row) -> bool:
    """Whether an address asks for a token and the visitor's function has seen none."""
    if not access.is_protected(row.access, asked.host):
        return False
    return not is_admitted(given)


def is_admitted(given: Headers) -> bool:
    """Whether the visitor's function saw a token; it looks for one at protected addresses alone."""
    return first(given, PREFIX + "seen").partition("&")[0] == _ADMITTED


def door(request: dict[str, Any], asked: Asked, row: Row) -> dict[str, Any]:
    """The page for whoever is not admitted."""
    assert row.access is not None
    given = request["headers"]
    query = first(given, PREFIX + "query")
    to = asked.path.decode("utf-8", "replace") + (f"?{query}" if query else "")
    body = access.door(row.access, asked.slug, first(given, PREFIX + "host"), to, row.doors)
    pairs = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy": access.door_policy(row.doors),
        "X-CloudDeck-Error": "protected",
        "Referrer-Policy": "no-referrer",
        **Whose(preview=True).pairs,
    }
    return answer.made(401, pairs, body)


def is_keyed(wanted: Collection[str], known: Collection[str], asked: Asked) -> bool:
    """Whether all that rules look at is said by the visitor's function.

    It says what the site's record names, which is what its live deployments look at. About an
    older one, which a visitor has a page of, it may say less; about a preview it says what does
    not have to be known by name.
    """
    if asked.deployment is None:
        return not wanted
    left = set(wanted) - set(known)
    if asked.preview:
        left = {look for look in left - _ON_PREVIEWS if not look.startswith("cookie:")}
        # the host of a preview is its address, which is in the key
        left.discard("header:host")
    return not left


def facts(request: dict[str, Any], looks: Collection[str], *, keyed: bool) -> Facts:
    """The facts of a request, out of the cache's key or, where that says too little, itself."""
    given, method = request["headers"], request["method"]
    host = first(given, PREFIX + "host")
    if keyed:
        return read_seen(first(given, PREFIX + "seen"), host=host, method=method)
    return facts_of(
        looks,
        lambda name: _joined(given, name),
        host=host,
        method=method,
        query=first(given, PREFIX + "query"),
        country=first(given, "cloudfront-viewer-country"),
    )


def _joined(given: Headers, name: str) -> str:
    """The value of a header; of several as one line."""
    mark = "; " if name == "cookie" else ", "
    return mark.join(entry["value"] for entry in given.get(name, ()))
