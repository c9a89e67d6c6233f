"""Answers as bytes: the heads that are made once, and the pages the edge speaks for itself."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from adapters.local.edge.accesslog import fragment
from adapters.local.edge.memory import Body
from adapters.local.edge.traffic import Line
from chalicelib.edge.rules import pages
from chalicelib.edge.rules.pages import Notice

_PHRASES = {status.value: status.phrase for status in HTTPStatus} | {413: "Content Too Large"}
NOSNIFF = ("X-Content-Type-Options", "nosniff")
Headers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FilePart:
    """A piece of a file that is sent from disk."""

    path: Path
    first: int
    length: int


@dataclass(slots=True)
class Stream:
    """Bytes that come from somewhere else, piece by piece; `length` is None until they end.

    Whoever sends it closes `pieces` (`aclose`), also when the visitor went away.
    """

    length: int | None
    pieces: AsyncGenerator[bytes, None]


@dataclass(frozen=True, slots=True)
class Context:
    """Whose answer it is, for headers and log."""

    host: str = ""
    site: str = ""
    deployment: str = ""
    path: str = ""
    hidden: bool = False
    hsts_seconds: int = 0


@dataclass(slots=True)
class Answer:
    """One answer. `head` lacks the Date line and the empty line, which every send adds."""

    status: int
    head: bytes
    body: bytes | FilePart | Stream | None
    line: Line
    close: bool = False


@dataclass(slots=True)
class Prepared:
    """The answers to one representation of a page, kept ready as bytes."""

    tag: bytes
    head: bytes
    head_304: bytes
    body: Body
    line: Line
    line_304: Line


@dataclass(slots=True)
class Representation:
    """The headers of one representation, from which full, partial and 304 answers are made."""

    tag: str
    size: int
    headers: Headers = field(default_factory=list)
    ruled: frozenset[str] = frozenset()
    """Names, in lower case, of headers that rules set: a 304 says them again."""


def head(status: int, headers: Headers) -> bytes:
    """A status line and headers."""
    lines = [
        f"HTTP/1.1 {status} {_PHRASES.get(status, '')}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return ("\r\n".join(lines) + "\r\n").encode("latin-1")


def log_line(context: Context, status: int, size: int, cache: str) -> Line:
    """The log fragment of an answer."""
    return fragment(
        host=context.host,
        site=context.site,
        deployment=context.deployment,
        path=context.path,
        status=status,
        size=size,
        cache=cache,
        hidden=context.hidden,
    )


def prepare(shape: Representation, body: Body, context: Context) -> Prepared:
    """Make a page ready to be sent over and over."""
    return Prepared(
        tag=shape.tag.encode(),
        head=head(200, [*shape.headers, ("Content-Length", str(shape.size))]),
        head_304=not_modified_head(shape),
        body=body,
        line=log_line(context, 200, shape.size, "memory"),
        line_304=log_line(context, 304, 0, "memory"),
    )


def not_modified_head(shape: Representation) -> bytes:
    """304 carries what a cache needs to renew its copy, and no more."""
    keep = {"ETag", "Cache-Control", "Vary", "X-CloudDeck-Deployment"}
    said = [
        (name, value)
        for name, value in shape.headers
        if name in keep or name.lower() in shape.ruled
    ]
    return head(304, said)


def redirect(
    location: str,
    context: Context,
    status: int = 308,
    dress: Callable[[Headers], Headers] = list,
) -> Answer:
    """A move to another address; `dress` says what its headers are in the end."""
    headers = [
        ("Location", location),
        ("Cache-Control", "public,max-age=0,must-revalidate"),
        *whose(context),
        NOSNIFF,
    ]
    lines = [*dress(headers), ("Content-Length", "0")]
    return Answer(status, head(status, lines), None, log_line(context, status, 0, "none"))


def merged(headers: Headers, ruled: Headers) -> Headers:
    """Headers with those that rules set in their place; an empty value takes one away."""
    if not ruled:
        return headers
    names = {name.lower() for name, _ in ruled}
    kept = [(name, value) for name, value in headers if name.lower() not in names]
    return [*kept, *((name, value) for name, value in ruled if value)]


def page(
    notice: Notice,
    context: Context,
    *,
    headers: Headers | None = None,
    ruled: Headers | None = None,
    close: bool = False,
) -> Answer:
    """A short page in the edge's own words; never kept by a cache.

    Of the headers that rules set, what concerns the body stays the page's own.
    """
    body = pages.html(notice).encode()
    status = notice.status
    lines = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        NOSNIFF,
        ("Content-Security-Policy", pages.POLICY),
        *whose(context),
        ("X-CloudDeck-Error", notice.code),
        *(headers or []),
    ]
    own = {"content-type", "cache-control", "content-security-policy"}
    said = [(name, value) for name, value in ruled or [] if name.lower() not in own]
    lines = [*merged(lines, said), ("Content-Length", str(len(body)))]
    line = log_line(context, status, len(body), "none")
    return Answer(status, head(status, lines), body, line, close)


def protected(body: bytes, policy: str, context: Context) -> Answer:
    """The page for who is not admitted to a site; it says nothing of any deployment."""
    lines = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        NOSNIFF,
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer"),
        ("X-Robots-Tag", "noindex"),
        ("X-CloudDeck-Error", "protected"),
        ("Content-Length", str(len(body))),
    ]
    return Answer(401, head(401, lines), body, log_line(context, 401, len(body), "none"))


def plain(status: int, body: bytes, media_type: str, context: Context) -> Answer:
    """An answer of the edge's own control address."""
    lines = [
        ("Content-Type", media_type),
        ("Cache-Control", "no-store"),
        NOSNIFF,
        ("Content-Length", str(len(body))),
    ]
    return Answer(status, head(status, lines), body, log_line(context, status, 0, "none"))


def header(head: bytes, name: str) -> str:
    """A header that a head says; empty when it does not."""
    _, found, rest = head.partition(f"\r\n{name}: ".encode())
    return rest.partition(b"\r\n")[0].decode("latin-1") if found else ""


def add_header(answer: Answer, name: str, value: str) -> None:
    """Say one header more."""
    answer.head += f"{name}: {value}\r\n".encode("latin-1")


def whose(context: Context) -> Headers:
    """Which deployment an answer is out of; search engines shall not find previews.

    Over TLS an own domain may ask browsers to come by TLS alone.
    """
    headers = []
    if context.deployment:
        headers.append(("X-CloudDeck-Deployment", context.deployment))
    if context.hidden:
        headers.append(("X-Robots-Tag", "noindex"))
    if context.hsts_seconds:
        headers.append(("Strict-Transport-Security", f"max-age={context.hsts_seconds}"))
    return headers
