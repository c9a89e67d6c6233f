"""The one path normaliser: whatever routes, caches or looks up a path uses this one."""

import re
from dataclasses import dataclass
from urllib.parse import quote

MAX_PATH_BYTES = 2048
MAX_QUERY_BYTES = 4096
"""A longer query is not carried on by a redirect."""

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})?")
_SLASHES = re.compile("/{2,}")
_SAFE = "/-._~!$&'()*+,;=:@"
_QUERY = re.compile(rb"[\x21-\x7e]{1,%d}\Z" % MAX_QUERY_BYTES)


@dataclass(frozen=True, slots=True)
class Path:
    """A decoded path. `collapsed` says that repeated slashes were folded on the way."""

    text: str
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class BadPath:
    """Why a path is refused, and with which status."""

    status: int
    reason: str


def normalise_path(raw: bytes) -> Path | BadPath:
    """Percent-decode a raw request path once and refuse everything that could mean two things.

    Refused: bad escapes, encoded slashes, backslashes, control characters, `.` and `..` segments,
    text that is not UTF-8. A dot segment is refused rather than resolved: browsers resolve them
    before they ask.
    """
    refusal = _refuse_raw(raw)
    if refusal:
        return refusal
    decoded = _decode(raw)
    if decoded is None:
        return BadPath(400, "bad_escape")
    try:
        text = decoded.decode("utf-8")
    except UnicodeDecodeError:
        return BadPath(400, "not_utf8")
    refusal = _refuse_text(text)
    if refusal:
        return refusal
    return Path(_SLASHES.sub("/", text), collapsed="//" in text)


def quote_path(text: str) -> str:
    """A decoded path as it may stand in a Location header."""
    return quote(text, safe=_SAFE)


def with_query(location: str, query: bytes) -> str:
    """A redirect's target with the query of the request, as far as that may stand in a header.

    `functions/edge/viewer_response.js` does the same on CloudFront.
    """
    return f"{location}?{query.decode('ascii')}" if _QUERY.match(query) else location


def _refuse_raw(raw: bytes) -> BadPath | None:
    """What is wrong before decoding."""
    if len(raw) > MAX_PATH_BYTES:
        return BadPath(414, "path_too_long")
    if not raw.startswith(b"/") or b"#" in raw or b"?" in raw:
        return BadPath(400, "bad_path")
    return None


def _refuse_text(text: str) -> BadPath | None:
    """What is wrong after decoding."""
    if "\\" in text or any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text):
        return BadPath(400, "bad_character")
    if any(part in {".", ".."} for part in text.split("/")):
        return BadPath(400, "dot_segment")
    return None


def _decode(raw: bytes) -> bytes | None:
    """One round of percent-decoding; None for a broken escape or an encoded slash."""
    out = bytearray()
    last = 0
    for match in _ESCAPE.finditer(raw):
        digits = match.group(1)
        if digits is None or digits in {b"2f", b"2F"}:
            return None
        out += raw[last : match.start()]
        out.append(int(digits, 16))
        last = match.end()
    return bytes(out + raw[last:])
