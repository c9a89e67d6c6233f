"""Heads of HTTP/2: fields in, a request out; a head of HTTP/1.1 in, fields out."""

import re
from functools import lru_cache

from adapters.local.edge.serving import Request

Fields = list[tuple[bytes, bytes]]

HEARD = frozenset(
    (
        b"accept",
        b"accept-encoding",
        b"cookie",
        b"if-none-match",
        b"if-range",
        b"range",
        b"sec-fetch-dest",
        b"x-clouddeck-pin",
        b"x-clouddeck-secret",
    )
)
"""What the edge itself listens to, in either version of HTTP. A visitor's other headers, ours
among them, are for who they are passed on to."""

_OF_CONNECTIONS = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")
)
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+\Z")
_VALUE = re.compile(rb"[^\x00\r\n]*\Z")
_TARGET = re.compile(rb"(?:/[^\x00-\x20\x7f#]*|\*)\Z")


class BadFieldsError(ValueError):
    """Fields that make no request."""


def hear(headers: dict[bytes, bytes], name: bytes, value: bytes) -> None:
    """Keep a header that matters: of two the first, of cookies all."""
    known = headers.setdefault(name, value)
    if name == b"cookie" and known is not value:
        headers[name] = known + b"; " + value


def request(fields: Fields, peer: str) -> Request:
    """The request that fields make.

    The library has seen to their order, and that none belongs to a connection. What a line of
    HTTP/1.1 could not say is refused here, because such a line may be made of it further on.
    """
    pseudo: dict[bytes, bytes] = {}
    headers: dict[bytes, bytes] = {}
    everything: Fields = []
    host = None
    for name, value in fields:
        if not _VALUE.match(value):
            raise BadFieldsError("a value with a line break")
        if name.startswith(b":"):
            pseudo[name] = value
            continue
        if not _NAME.match(name):
            raise BadFieldsError("a name that is none")
        if name == b"host":
            host = value
            continue
        everything.append((name, value))
        if name in HEARD:
            hear(headers, name, value)
    target, host = pseudo.get(b":path", b""), pseudo.get(b":authority", host)
    if not _TARGET.match(target) or not host:
        raise BadFieldsError("no path, or no host")
    path, _, query = target.partition(b"?")
    return Request(
        *(pseudo[b":method"], path, query, host, headers),
        all=[(b"host", host), *everything],
        peer=peer,
        secure=True,
    )


def answer(head: bytes) -> Fields:
    """The fields that say what a head of HTTP/1.1 says."""
    status, *lines = head.rstrip(b"\r\n").split(b"\r\n")
    fields: Fields = [(b":status", status[9:12])]
    for line in lines:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name not in _OF_CONNECTIONS:
            fields.append((name, value.strip(b" ")))
    return fields


@lru_cache(4096)
def ready(head: bytes) -> Fields:
    """The same of a head that is sent over and over."""
    return answer(head)
