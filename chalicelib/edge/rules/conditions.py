"""Conditional requests and byte ranges (RFC 9110, sections 13 and 14)."""

import re
from dataclasses import dataclass

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|\Z)')
_RANGE = re.compile(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*\Z", re.IGNORECASE)
_SUFFIX = {"": "", "br": "-br", "gzip": "-gz"}


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes first..last of a body, both included."""

    first: int
    last: int


class UnsatisfiableError(Exception):
    """The range lies outside the body: 416."""


def etag(sha256: str, encoding: str = "") -> str:
    """The strong validator of one representation; each encoding is a representation of its own."""
    return f'"{sha256[:32]}{_SUFFIX[encoding]}"'


def none_match(header: str, tag: str) -> bool:
    """Whether If-None-Match names this tag, so that 304 is the answer.

    The RFC asks for the weak comparison here: proxies turn our strong tags into weak ones.
    """
    header = header.strip()
    if header == "*":
        return True
    position = 0
    while match := _TAG.match(header, position):
        if match.group(1) == tag:
            return True
        position = match.end()
        while position < len(header) and header[position] in " \t,":
            position += 1
    return False


def range_applies(if_range: str | None, tag: str) -> bool:
    """If-Range by strong comparison: anything but this very tag means the whole file."""
    return if_range is None or if_range.strip() == tag


def parse_range(header: str, size: int) -> Span | None:
    """The one range asked for; None to send the whole file (several ranges, or nonsense)."""
    match = _RANGE.match(header.strip())
    if not match:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise UnsatisfiableError
        return Span(size - length, size - 1)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise UnsatisfiableError
    return Span(int(first), min(int(last), size - 1) if last else size - 1)
