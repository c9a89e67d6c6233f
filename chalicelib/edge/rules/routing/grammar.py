r"""How a pattern is written.

    /blog/2024          this path; a slash at its end, in the pattern or the request, is no matter
    :name               one segment, or a part of one: `/post-:id`
    *                   the rest, also none, known as `:splat`; `*.jpg` and `/*/edit` are allowed
    :name*  :name+      any number of segments, and at least one
    :name(en|de)        one of these words
    :name([a-z0-9-]+)   characters of a class, as many as `+`, `*`, `?`, `{4}`, `{2,}` or `{2,4}`
                        say; `\d`, `\w` and `.` are classes too, and several may follow one another
    :name(!api|_next/)  anything that does not begin so; after `*`: `*(!api)`, `:name*(!api)`
    \:                  the character itself

One `*`, `:name*` or `:name+` at most, and no placeholder beside it in its segment.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field
from itertools import pairwise

from chalicelib.edge.rules.routing.patterns import (
    ANY,
    Atom,
    Class,
    Deep,
    Fixed,
    Glob,
    Literal,
    Pattern,
    Pieced,
    Run,
    Segment,
    Whole,
    Words,
)

MAX_PATTERN = 1_024
MAX_SEGMENTS = 32
MAX_NAMES = 16
MAX_ATOMS = 8
MAX_WORDS = 100
_PLAIN = re.compile(rf"(?:/[^/\\:*()]+){{0,{MAX_SEGMENTS}}}/?\Z")
_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_COUNT = re.compile(r"\{([0-9]{1,3})(?:(,)([0-9]{1,3})?)?\}")
_WORD = re.compile(r"[A-Za-z0-9_\-~]*\Z")
_DIGITS = string.digits
_LETTERS = string.ascii_letters + string.digits + "_"
_CLASSES = {"d": Class(_DIGITS), "w": Class(_LETTERS)}
_NEGATED = {"D": Class(_DIGITS, negated=True), "W": Class(_LETTERS, negated=True)}
_MOST_CLASS = 1_024


class BadPatternError(ValueError):
    """A pattern that is not written as above; the text says what is wrong with it."""


@dataclass(slots=True)
class _Part:
    """A placeholder within a segment."""

    name: str
    atoms: tuple[Atom, ...] = (Run(ANY, lazy=True),)
    unless: tuple[str, ...] = ()
    deep: bool = False
    some: bool = False


@dataclass(slots=True)
class _Reader:
    """A pattern and how far it was read."""

    text: str
    at: int = 0
    segments: list[list[str | _Part]] = field(default_factory=list)

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        character = self.peek()
        self.at += 1
        return character


def parse_pattern(text: str) -> Pattern:
    """A pattern from its text; raises BadPatternError."""
    if not text.startswith("/"):
        raise BadPatternError("a path begins with /")
    if len(text) > MAX_PATTERN:
        raise BadPatternError(f"longer than {MAX_PATTERN} characters")
    if any(ord(character) < 32 or 127 <= ord(character) < 160 for character in text):
        raise BadPatternError("a control character")
    if _PLAIN.match(text):
        inner = text.strip("/")
        return Pattern(text, tuple(map(Fixed, inner.split("/"))) if inner else ())
    reader = _Reader(text, 1, [[]])
    while reader.at < len(text):
        _read_one(reader)
    segments = reader.segments
    if not segments[-1]:  # the slash at the end is no matter
        segments.pop()
    if len(segments) > MAX_SEGMENTS:
        raise BadPatternError(f"more than {MAX_SEGMENTS} segments")
    return _pattern(text, segments)


def escape(text: str) -> str:
    """A text as a pattern that stands for itself."""
    return re.sub(r"([\\:*()])", r"\\\1", text)


def _read_one(reader: _Reader) -> None:
    """One character or placeholder more."""
    segment = reader.segments[-1]
    character = reader.take()
    if character == "/":
        if not segment:
            raise BadPatternError("two slashes in a row")
        reader.segments.append([])
    elif character == "*":
        segment.append(_Part("splat", deep=True, unless=_unless(reader)))
    elif character == ":" and (name := _NAME.match(reader.text, reader.at)):
        reader.at = name.end()
        segment.append(_placeholder(reader, name.group()))
    elif character in {"(", ")"}:
        raise BadPatternError("a bracket without a placeholder before it")
    else:
        if character == "\\":
            character = reader.take()
            if not character or character in "/\\":
                raise BadPatternError("a backslash stands before the character it is about")
        if segment and isinstance(segment[-1], str):
            segment[-1] += character
        else:
            segment.append(character)


def _placeholder(reader: _Reader, name: str) -> _Part:
    if reader.peek() in {"*", "+"} and reader.peek():
        some = reader.take() == "+"
        return _Part(name, deep=True, some=some, unless=_unless(reader))
    if reader.peek() != "(":
        return _Part(name)
    if reader.text.startswith("(!", reader.at):
        return _Part(name, unless=_unless(reader))
    part = _Part(name, atoms=_atoms(_bracket(reader)))
    if reader.peek() in {"*", "+", "?"} and reader.peek():
        raise BadPatternError(f"nothing can be repeated after the brackets of :{name}")
    return part


def _unless(reader: _Reader) -> tuple[str, ...]:
    """The beginnings that are left out, when they are named here."""
    if not reader.text.startswith("(!", reader.at):
        return ()
    words = tuple(_unescaped(word) for word in _bracket(reader)[1:].split("|"))
    if not all(words) or len(words) > MAX_WORDS:
        raise BadPatternError("an empty beginning, or too many of them, is left out")
    return words


def _bracket(reader: _Reader) -> str:
    """What stands in brackets; none may stand in those."""
    start = reader.at + 1
    at = start
    while at < len(reader.text):
        character = reader.text[at]
        if character == "\\":
            at += 2
            continue
        if character == "(":
            raise BadPatternError("brackets within brackets")
        if character == ")":
            reader.at = at + 1
            return reader.text[start:at]
        at += 1
    raise BadPatternError("a bracket is never closed")


def _unescaped(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word)


def _atoms(text: str) -> tuple[Atom, ...]:
    """What a placeholder may hold: words, or runs of classes and literals in a row."""
    words = text.split("|")
    if all(word and _WORD.match(word) for word in words):
        if len(words) > MAX_WORDS:
            raise BadPatternError(f"more than {MAX_WORDS} words")
        # Longer words first: of two that fit, a regular expression's order never matters to
        # whole segments, and in parts of one the longer is what was meant.
        return (Words(tuple(sorted(words, key=len, reverse=True))),)
    if "|" in re.sub(r"\\.|\[[^\]]*\]", "", text):
        raise BadPatternError("only plain words can stand beside | in brackets")
    atoms: list[Atom] = []
    at = 0
    while at < len(text):
        of, at = _class(text, at)
        least, most, at = _count(text, at)
        atoms.append(Run(of, least, most))
    if not atoms or len(atoms) > MAX_ATOMS:
        raise BadPatternError(f"between 1 and {MAX_ATOMS} classes stand in brackets")
    return tuple(atoms)


def _class(text: str, at: int) -> tuple[Class, int]:
    """A class and where it ends."""
    character = text[at]
    if character == ".":
        return ANY, at + 1
    if character == "[":
        return _set(text, at + 1)
    if character in "{}?+^$]":
        raise BadPatternError(f"{character} has no meaning here")
    if character == "*":
        raise BadPatternError("* stands after what it repeats")
    if character == "\\":
        name = text[at + 1 : at + 2]
        known = _CLASSES.get(name) or _NEGATED.get(name)
        if known is None and (not name or name.isalnum()):
            raise BadPatternError(f"\\{name} is not known")
        return known or Class(name), at + 2
    return Class(character), at + 1


def _set(text: str, at: int) -> tuple[Class, int]:
    """`[a-z0-9_]`, from after its bracket."""
    negated = text.startswith("^", at)
    at += negated
    members: set[str] = set()
    while at < len(text) and text[at] != "]":
        low, at = _member(text, at, members)
        if low and text.startswith("-", at) and text[at + 1 : at + 2] not in {"", "]"}:
            high, at = _member(text, at + 1, set())
            if not high or not 0 <= ord(high) - ord(low) < _MOST_CLASS:
                raise BadPatternError(f"{low}-{high or '?'} is no range")
            members.update(map(chr, range(ord(low), ord(high) + 1)))
        elif low:
            members.add(low)
    if at >= len(text) or not members:
        raise BadPatternError("a class is empty or never closed")
    return Class("".join(sorted(members - {"/"})), negated), at + 1


def _member(text: str, at: int, members: set[str]) -> tuple[str, int]:
    """One character of a class; of a class within it, all go to `members` and none comes back."""
    if text[at] != "\\":
        return text[at], at + 1
    name = text[at + 1 : at + 2]
    if name in _CLASSES:
        members.update(_CLASSES[name].chars)
        return "", at + 2
    if not name or name.isalnum():
        raise BadPatternError(f"\\{name} is not known")
    return name, at + 2


def _count(text: str, at: int) -> tuple[int, int | None, int]:
    """How often what stood before is repeated, and where that is said to its end."""
    mark = text[at : at + 1]
    if mark in {"+", "*", "?"} and mark:
        return (1 if mark == "+" else 0), (1 if mark == "?" else None), at + 1
    found = _COUNT.match(text, at)
    if not found:
        return 1, 1, at
    least = int(found.group(1))
    most = least if not found.group(2) else int(found.group(3)) if found.group(3) else None
    if most is not None and (most < least or most == 0):
        raise BadPatternError(f"{found.group()} is no number of times")
    return least, most, found.end()


def _pattern(text: str, segments: list[list[str | _Part]]) -> Pattern:
    """The segments put together."""
    names = [part.name for segment in segments for part in segment if isinstance(part, _Part)]
    if len(set(names)) < len(names):
        raise BadPatternError("two placeholders of one name")
    if len(names) > MAX_NAMES:
        raise BadPatternError(f"more than {MAX_NAMES} placeholders")
    deep = [
        number
        for number, segment in enumerate(segments)
        if any(isinstance(part, _Part) and part.deep for part in segment)
    ]
    if not deep:
        return Pattern(text, tuple(map(_segment, segments)), names=tuple(names))
    if len(deep) > 1:
        raise BadPatternError("only one part can span several segments")
    return Pattern(
        text,
        tuple(map(_segment, segments[: deep[0]])),
        _deep(segments[deep[0]]),
        tuple(map(_segment, segments[deep[0] + 1 :])),
        tuple(names),
    )


def _deep(segment: list[str | _Part]) -> Deep:
    parts = [part for part in segment if isinstance(part, _Part)]
    if len(parts) > 1:
        raise BadPatternError("a placeholder beside one that spans several segments")
    at = segment.index(parts[0])
    prefix, suffix = "".join(map(str, segment[:at])), "".join(map(str, segment[at + 1 :]))
    return Deep(prefix, suffix, parts[0].some, parts[0].unless)


def _segment(parts: list[str | _Part]) -> Segment:
    """The quickest way to compare a segment."""
    if len(parts) == 1:
        return _single(parts[0])
    placeholders = [part for part in parts if isinstance(part, _Part)]
    if any(part.unless for part in placeholders):
        raise BadPatternError("what is left out stands in a segment of its own")
    free = all(part.atoms == (Run(ANY, lazy=True),) for part in placeholders)
    beside = any(isinstance(one, _Part) and isinstance(two, _Part) for one, two in pairwise(parts))
    if free and not beside:
        texts = [""] if isinstance(parts[0], _Part) else []
        texts += [part for part in parts if isinstance(part, str)]
        texts += [""] if isinstance(parts[-1], _Part) else []
        return Glob(tuple(texts))
    return _pieced(parts)


def _single(part: str | _Part) -> Segment:
    if isinstance(part, str):
        return Fixed(part)
    if len(part.atoms) == 1:
        only = part.atoms[0]
        if isinstance(only, Words | Run):
            return Whole(only, part.unless)
    return _pieced([part])


def _pieced(parts: list[str | _Part]) -> Pieced:
    atoms: list[Atom] = []
    spans: list[tuple[int, int]] = []
    for part in parts:
        if isinstance(part, str):
            atoms.append(Literal(part))
        else:
            spans.append((len(atoms), len(atoms) + len(part.atoms)))
            atoms.extend(part.atoms)
    if len(atoms) > MAX_ATOMS:
        raise BadPatternError(f"more than {MAX_ATOMS} pieces in one segment")
    return Pieced(tuple(atoms), tuple(spans))
