"""Which headers cross the edge, in both directions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from adapters.local.edge.answers import Context, Headers

if TYPE_CHECKING:
    from adapters.local.edge.serving import Request

_HOP_BY_HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization"),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings"),
    )
)
# what the edge says itself, and what makes some servers believe another address or caller
_NOT_FROM_VISITORS = frozenset(
    (
        *("host", "content-length", "expect", "via", "cdn-loop", "forwarded", "x-real-ip"),
        *("x-original-url", "x-rewrite-url", "x-original-host", "x-host", "true-client-ip"),
        *("cf-connecting-ip", "x-client-ip", "x-cluster-client-ip", "x-middleware-subrequest"),
    )
)
_NOT_FROM_VISITORS_BEGINNINGS = ("x-clouddeck-", "x-forwarded-", "proxy-")
_NOT_TO_VISITORS = frozenset(("content-length", "date", "alt-svc", "x-accel-redirect"))
_OWN_COOKIE = re.compile(r"(?:__Host-|__)(?:cdv|dpl|cda|cdg)\Z")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}\Z")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*\Z")
_LOOP = "clouddeck"
MOST_ROUNDS = 3

_HARMLESS = frozenset(
    (
        *(b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"connection"),
        *(b"dnt", b"host", b"if-modified-since", b"if-none-match", b"priority", b"pragma"),
        *(b"referer", b"save-data", b"sec-gpc", b"upgrade-insecure-requests", b"user-agent"),
    )
)
ONE_VISITORS = frozenset(
    (
        *(b"if-none-match", b"if-modified-since", b"cache-control", b"pragma", b"priority", b"dnt"),
        *(b"save-data", b"sec-gpc", b"upgrade-insecure-requests"),
    )
)
"""Of a request whose answer may be everybody's these are left out: no server says in `Vary` that it
looked at them. What else goes along (Accept, Referer, User-Agent, ...) it has to own up to."""
_HARMLESS_BEGINNINGS = (b"sec-fetch-", b"sec-ch-ua", b"x-forwarded-", b"x-clouddeck-")


class LoopError(Exception):
    """A request that passed through here before, again and again."""


def to_backend(
    request: Request, address: str, context: Context, more: Iterable[tuple[str, str]]
) -> list[tuple[bytes, bytes]]:
    """The headers of a request on its way; Host and Content-Length are added by whoever sends it.

    `more` are those of the rule, which replace what the visitor sent. Raises LoopError.
    """
    own = {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in more}
    dropped = _listed(value for name, value in request.all if name == b"connection")
    found: list[tuple[bytes, bytes]] = []
    cookies: list[bytes] = []
    rounds, loop = 0, []
    for name, value in request.all:
        text = name.decode("latin-1")
        if text == "cdn-loop":
            loop.append(value.decode("latin-1"))
            rounds += value.count(_LOOP.encode())
        if name in own or text in dropped or not _crosses(text):
            continue
        if name == b"cookie":
            cookies.append(_without_own(value))
        elif _NAME.match(name) and _VALUE.match(value):
            found.append((name, value))
    # HTTP/2 may cut cookies into several lines, HTTP/1.1 knows one only (RFC 9113, 8.2.3)
    if cookie := b"; ".join(one for one in cookies if one and _VALUE.match(one)):
        found.append((b"cookie", cookie))
    if rounds >= MOST_ROUNDS:
        raise LoopError
    found += [
        (b"x-forwarded-for", address.encode("latin-1")),
        (b"x-forwarded-host", context.host.encode("latin-1")),
        (b"x-forwarded-proto", b"https" if request.secure else b"http"),
        (b"via", b"1.1 clouddeck"),
        (b"cdn-loop", ", ".join([*loop, _LOOP]).encode("latin-1")),
    ]
    return [*found, *own.items()]


def _crosses(name: str) -> bool:
    return not (
        name in _HOP_BY_HOP
        or name in _NOT_FROM_VISITORS
        or name.startswith(_NOT_FROM_VISITORS_BEGINNINGS)
    )


def _listed(values: Iterable[bytes]) -> frozenset[str]:
    """What a Connection header names: it belongs to that connection alone."""
    joined = b",".join(values).decode("latin-1").lower()
    return frozenset(part.strip() for part in joined.split(","))


def _without_own(value: bytes) -> bytes:
    """A Cookie header without the edge's own: those open doors that are not the backend's."""
    parts = [part.strip() for part in value.decode("latin-1").split(";")]
    kept = [part for part in parts if part and not _OWN_COOKIE.match(part.partition("=")[0])]
    return "; ".join(kept).encode("latin-1")


def is_plain(request: Request) -> bool:
    """Whether an answer to this request may be anybody's: a GET that tells nothing of who asks.

    A header that is not among the usual ones could change the answer without the cache knowing.
    """
    return (
        request.method == b"GET"
        and not request.body
        and all(
            name in _HARMLESS
            or name.startswith(_HARMLESS_BEGINNINGS)
            or (name == b"cookie" and not _without_own(value))
            for name, value in request.all
        )
    )


def to_visitor(
    found: list[tuple[bytes, bytes]], more: Iterable[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The headers of an answer on its way; `more` are those of the rules, which replace others.

    An empty value of the rules takes a header away. Content-Length is added by whoever sends it.
    """
    rules = list(more)
    own = {name.lower() for name, _ in rules}
    dropped = _listed(value for name, value in found if name.lower() == b"connection")
    headers: Headers = []
    for raw, value in found:
        name = raw.decode("latin-1").lower()
        if name in own or name in dropped or name in _HOP_BY_HOP or name in _NOT_TO_VISITORS:
            continue
        if name.startswith("x-clouddeck-"):
            continue
        if name == "set-cookie" and _OWN_COOKIE.match(_cookie_name(value)):
            continue
        if _NAME.match(raw) and _VALUE.match(value):
            headers.append((raw.decode("latin-1"), value.decode("latin-1")))
    return headers + [(name, value) for name, value in rules if value]


def _cookie_name(value: bytes) -> str:
    return value.decode("latin-1").partition("=")[0].strip()
