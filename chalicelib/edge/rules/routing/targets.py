"""Where a rule leads: a path of the site, an address elsewhere or a backend, with placeholders.

What comes from a request is decoded text and is encoded again for the place where it is put, so it
can neither leave its part of an address nor a header line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, unquote

MAX_TARGET = 2_048
Kind = Literal["path", "address", "backend", "nothing"]

_ADDRESS = re.compile(r"(https?)://([^/?#]*)(.*)\Z", re.IGNORECASE | re.DOTALL)
_BACKEND = re.compile(r"backend:([A-Za-z0-9_-]{1,64})(/.*)?\Z", re.DOTALL)
_TOKEN = re.compile(r"\\(.)|:([A-Za-z0-9_]{1,64})", re.DOTALL)
_SLASHES = re.compile("/{2,}")
_SEPARATORS = re.compile(r"[/\\]")
_PATH = "/-._~!$&'()*+,;=:@"
_SEGMENT = "-._~!$&'()*+,;=:@"
_QUERY = "/-._~!$'()*+,;:@?=&"
_VALUE = "-._~"


class BadTargetError(ValueError):
    """A target that leads nowhere; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for what a placeholder holds; `one` keeps it within one segment."""

    name: str
    one: bool


Template = tuple[str | Slot, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A target with its placeholders filled in, percent-encoded, ASCII.

    `base` is empty, `https://host` or the name of a backend; `query` is None when the target has
    none of its own; `fragment` begins with `#` or is empty.
    """

    kind: Kind
    base: str
    path: str
    query: str | None
    fragment: str

    @property
    def location(self) -> str:
        """As a Location header has it."""
        query = "" if self.query is None else f"?{self.query}"
        return f"{self.base}{self.path}{query}{self.fragment}"


@dataclass(frozen=True, slots=True)
class Target:
    """A target, read once."""

    kind: Kind
    base: str
    path: Template
    query: Template | None
    fragment: Template

    def fill(self, held: Mapping[str, str]) -> Address | None:
        """The address for what the placeholders hold; None when that would leave its folder."""
        path = _filled(self.path, held, _SEGMENT, _PATH)
        if self.kind == "path":
            path = _SLASHES.sub("/", path)
        # Encoded slashes count: what is behind an address may decode them before it resolves.
        # So do parameters of a segment: some servers take `..;x` for `..`.
        parts = (part.partition(";")[0] for part in _SEPARATORS.split(unquote(path)))
        if any(part in {".", ".."} for part in parts):
            return None
        query = None if self.query is None else _filled(self.query, held, _VALUE, _VALUE)
        fragment = _filled(self.fragment, held, _VALUE, _PATH)
        return Address(self.kind, self.base, path, query, fragment)


def parse_target(text: str, names: Iterable[str], asked: Iterable[str] = ()) -> Target:
    """A target from its text; raises BadTargetError.

    `names` are the placeholders of the path, `asked` those that the query of a request fills. What
    looks like another placeholder is text: `https://example.com:8080/`.
    """
    if len(text) > MAX_TARGET:
        raise BadTargetError(f"longer than {MAX_TARGET} characters")
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise BadTargetError("a control character")
    if not text:
        return Target("nothing", "", (), None, ())
    kind, base, rest = _base(text)
    path, query, fragment = _cut(rest)
    known = dict.fromkeys(names, False) | dict.fromkeys(asked, True)
    if kind == "path" and _SLASHES.match(path):
        raise BadTargetError("an address without http: or https: begins with one slash")
    return Target(
        kind,
        base,
        _template(path or "/", known, _PATH + "%"),
        None if query is None else _template(query, known, _QUERY + "%"),
        _template(fragment, known, "#" + _QUERY + "%"),
    )


def _base(text: str) -> tuple[Kind, str, str]:
    """What stands before the path."""
    if text.startswith("/"):
        return "path", "", text
    address = _ADDRESS.match(text)
    if address:
        scheme, authority, rest = address.groups()
        return "address", f"{scheme.lower()}://{_authority(authority)}", rest
    backend = _BACKEND.match(text)
    if backend:
        return "backend", backend.group(1), backend.group(2) or "/"
    raise BadTargetError("neither a path that begins with /, nor http(s)://, nor backend:<name>/")


def _authority(text: str) -> str:
    """Host and port; placeholders do not choose to whom a visitor is sent."""
    host, _, port = text.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", host) and not re.fullmatch(
        r"\[[0-9A-Fa-f:.]+\]", text.rpartition("]")[0] + "]"
    ):
        raise BadTargetError("the host is no name; placeholders and users cannot stand there")
    if text.startswith("["):
        return text.lower()
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536):
        raise BadTargetError("the port is no number; placeholders cannot stand there")
    return text.lower()


def _cut(rest: str) -> tuple[str, str | None, str]:
    """Path, query and fragment (with its `#`)."""
    before, mark, after = rest.partition("#")
    path, asked, query = before.partition("?")
    return path, (query if asked else None), mark + after


def _template(text: str, known: Mapping[str, bool], safe: str) -> Template:
    """Text, already encoded, and slots."""
    made: list[str | Slot] = []
    last = 0
    for token in _TOKEN.finditer(text):
        escaped, name = token.groups()
        if escaped is None and name not in known:
            continue
        made.append(quote(text[last : token.start()], safe=safe))
        made.append(quote(escaped, safe="") if escaped else Slot(name, one=known[name]))
        last = token.end()
    made.append(quote(text[last:], safe=safe))
    return tuple(part for part in made if part)


def _filled(template: Template, held: Mapping[str, str], one: str, more: str) -> str:
    return "".join(
        part
        if isinstance(part, str)
        else quote(held.get(part.name, ""), safe=one if part.one else more, errors="replace")
        for part in template
    )
