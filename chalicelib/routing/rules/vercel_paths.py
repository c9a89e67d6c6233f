r"""Sources of Vercel (`/:path*`, `/(.*)`, `/:id(\d+)`) as patterns of the edge.

They are a path with regular expressions in brackets, in the dialect of path-to-regexp 6. Those
that people write are words, classes of characters, everything, and everything but what begins so.
A part that may be missing, or that is one of several longer texts, makes several patterns of one
source. Whatever else stands in brackets is refused: no expression of a stranger is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from chalicelib.routing.rules.paths import checked, literal
from chalicelib.routing.rules.report import RuleError, UnavailableError, shown

MAX_SOURCE = 4096
MAX_PATTERNS = 64
MAX_BRACES = 8
_NAME = re.compile(r":([A-Za-z0-9_]{1,64})")
PLAIN = re.compile(r"(?:\\[^A-Za-z0-9]|\.(?![*+?{])|[^\\()\[\]{}.*+?^$|])*\Z")
"""Text without an expression in it; a dot is taken for the dot that whoever wrote it meant."""

_WORD = re.compile(r"[A-Za-z0-9_~-]{1,64}\Z")
_UNLESS = re.compile(r"\(\?!([^()]{1,1000})\)\.([*+])\Z")
_USED = re.compile(r"\$(\d{1,2})|:([A-Za-z0-9_]{1,64})[*+?]?")


@dataclass(frozen=True)
class Route:
    """One pattern of a source, and what its placeholders are in the target."""

    pattern: str = ""
    held: dict[str, str] = field(default_factory=dict)

    def then(self, text: str, **held: str) -> Route:
        """This one with more at its end."""
        return Route(self.pattern + text, {**self.held, **held})

    def target(self, written: str) -> str:
        """A destination with the placeholders of the pattern."""

        def used(found: re.Match[str]) -> str:
            return self.held.get(found[1] or found[2], found[0])

        return _USED.sub(used, written)


def routes(source: str) -> list[Route]:
    """The patterns of a source, of which any may fit; raises RuleError."""
    if not source.startswith(("/", "(", "{", ":")) or len(source) > MAX_SOURCE:
        raise RuleError(f"{shown(source)} is no source", "A source begins with a slash.")
    reader = _Reader(source)
    found = reader.read("")
    made = [replace(one, pattern=checked(_tidy(one.pattern))) for one in found]
    distinct: dict[str, Route] = {}
    for one in made:
        distinct.setdefault(one.pattern.rstrip("/"), one)  # a slash at the end is no matter
    return list(distinct.values())


def _tidy(pattern: str) -> str:
    return re.sub("/{2,}", "/", pattern if pattern.startswith("/") else f"/{pattern}")


@dataclass
class _Reader:
    """A source and how far it was read; groups are counted from 1, as `$1` does."""

    text: str
    at: int = 0
    groups: int = 0
    braces: int = 0

    def read(self, end: str) -> list[Route]:
        """What follows, up to `end`."""
        found = [Route()]
        while self.at < len(self.text) and self.text[self.at] != end:
            found = [one.then(more.pattern, **more.held) for more in self._next() for one in found]
            if len(found) > MAX_PATTERNS:
                raise UnavailableError(f"it stands for more than {MAX_PATTERNS} paths")
        return found

    def _next(self) -> list[Route]:
        character = self.text[self.at]
        if character == "{":
            return self._braces()
        slash = character in "/." and self.text[self.at + 1 : self.at + 2] in {":", "("}
        place = self.at + slash
        if self.text[place] == "(" or _NAME.match(self.text, place):
            self.at = place
            return self._group(character if slash else "")
        return [Route(self._text())]

    def _text(self) -> str:
        start = self.at
        taken = []
        while self.at < len(self.text) and self.text[self.at] not in ":({}":
            character = self.text[self.at]
            if character in "*+?)":
                raise UnavailableError(f"{character} stands alone in {shown(self.text)}")
            if (
                character in "/."
                and self.at > start
                and self.text[self.at + 1 : self.at + 2]
                in {
                    ":",
                    "(",
                }
            ):
                break
            if character == "\\":
                self.at += 1
                character = self.text[self.at : self.at + 1]
            taken.append(character)
            self.at += 1
        if self.at == start:  # a colon that names nothing, or a brace that was never opened
            taken.append(self.text[self.at])
            self.at += 1
        return literal("".join(taken))

    def _braces(self) -> list[Route]:
        self.at += 1
        self.braces += 1
        if self.braces > MAX_BRACES:
            raise UnavailableError(f"it has more than {MAX_BRACES} braces")
        inside = self.read("}")
        if self.at >= len(self.text):
            raise RuleError("a brace is never closed", "Write }.")
        self.at += 1
        modifier = self._modifier()
        if modifier in {"*", "+"}:
            raise UnavailableError("braces cannot be repeated")
        return [Route(), *inside] if modifier == "?" else inside

    def _modifier(self) -> str:
        found = self.text[self.at : self.at + 1]
        if found and found in "*+?":
            self.at += 1
            return found
        return ""

    def _group(self, before: str) -> list[Route]:
        """`:name`, `:name(...)` or `(...)`, with the slash or dot before it."""
        named = _NAME.match(self.text, self.at)
        self.at = named.end() if named else self.at
        self.groups += 1
        name = named[1] if named else str(self.groups)
        inside = self._bracket() if self.text[self.at : self.at + 1] == "(" else None
        modifier = self._modifier()
        keys = dict.fromkeys((name, str(self.groups)), f":{name}")
        if modifier in {"*", "+"}:
            if inside is not None and inside not in {".*", ".+", "[^/]+"}:
                raise UnavailableError("what is repeated can have no expression of its own")
            return [Route(f"{before}:{name}{modifier}", keys)]
        held = _alternatives(name, inside)
        found = [Route(before + pattern, dict.fromkeys(keys, target)) for pattern, target in held]
        return [Route("", dict.fromkeys(keys, "")), *found] if modifier == "?" else found

    def _bracket(self) -> str:
        """What stands in brackets, those within it included."""
        start, depth = self.at + 1, 0
        while self.at < len(self.text):
            character = self.text[self.at]
            self.at += 2 if character == "\\" else 1
            depth += {"(": 1, ")": -1}.get(character, 0)
            if not depth:
                return self.text[start : self.at - 1]
        raise RuleError("a bracket is never closed", "Write ).")


def _alternatives(name: str, inside: str | None) -> Iterator[tuple[str, str]]:
    """(pattern, what the target has for it) for each text that an expression stands for."""
    if inside is None or inside in {"[^/]+", "[^/]+?"}:
        yield f":{name}", f":{name}"
        return
    if inside in {".*", ".+"}:
        yield f":{name}{inside[1]}", f":{name}"
        return
    if inside in {"/.*", "/.+"}:
        yield f"/:{name}{inside[2]}", f"/:{name}"
        return
    unless = _UNLESS.match(inside)
    if unless:
        yield f":{name}{unless[2]}({_not(unless[1])})", f":{name}"
        return
    words = inside.split("|")
    if not all(PLAIN.match(word) for word in words):
        yield f":{name}({inside})", f":{name}"
    elif all(_WORD.match(word) for word in words):
        yield f":{name}({'|'.join(words)})", f":{name}"
    else:
        for word in words:
            text = _unescaped(word)
            yield literal(text), text


def _not(words: str) -> str:
    """The beginnings that are left out; raises UnavailableError for more than plain texts."""
    taken = []
    for word in words.split("|"):
        if not word or not PLAIN.match(word):
            raise UnavailableError(
                f"(?!{shown(words)}) leaves out more than plain beginnings",
                "Write what is left out as texts: (?!api/|_next/).",
            )
        taken.append(re.sub(r"([\\:*()|])", r"\\\1", _unescaped(word)))
    return "!" + "|".join(taken)


def _unescaped(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word)
