"""What the paths of rules are compared with, in time that grows with the path's length alone.

No regular expression of a customer is ever run. A pattern is a row of segments with at most one
part that spans several of them, so both of its ends are anchored and nothing is tried twice.
`grammar.py` reads the text of a pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LONGEST_PIECED = 80
"""A segment that is compared atom by atom has so many characters at most; longer ones do not fit.
"""


@dataclass(frozen=True, slots=True)
class Class:
    """A set of characters, or all but these (and the slash)."""

    chars: str
    negated: bool = False

    def holds(self, text: str) -> bool:
        """Whether every character of a text is one of these."""
        if self.negated:
            return not self.chars or set(self.chars).isdisjoint(text)
        return not text.strip(self.chars)


ANY = Class("", negated=True)


@dataclass(frozen=True, slots=True)
class Literal:
    """A piece of text."""

    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """One of several texts."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """`least` to `most` characters of a class; a lazy one takes as few of them as it may."""

    of: Class
    least: int = 1
    most: int | None = None
    lazy: bool = False


Atom = Literal | Words | Run


class Segment(Protocol):
    """What one segment of a path is compared with."""

    def take(self, text: str) -> tuple[str, ...] | None:
        """What its placeholders hold, in their order; None when the segment does not fit."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A segment without placeholders."""

    text: str

    def take(self, text: str) -> tuple[str, ...] | None:
        """Nothing, or None."""
        return () if text == self.text else None


@dataclass(frozen=True, slots=True)
class Whole:
    """A segment that is one placeholder: `:name`, `:name(one|two)`, `:name([a-z]+)`."""

    atom: Words | Run
    unless: tuple[str, ...] = ()

    def take(self, text: str) -> tuple[str, ...] | None:
        """The segment, or None."""
        if not text or (self.unless and text.startswith(self.unless)):
            return None
        atom = self.atom
        if isinstance(atom, Words):
            return (text,) if text in atom.words else None
        if len(text) < atom.least or (atom.most is not None and len(text) > atom.most):
            return None
        return (text,) if atom.of.holds(text) else None

    @property
    def free(self) -> bool:
        """Whether any segment at all fits."""
        return self.atom == Run(ANY, lazy=True) and not self.unless


@dataclass(frozen=True, slots=True)
class Glob:
    """Text around placeholders that take anything: `post-:id`, `:year-:month.html`.

    There is one text more than placeholders; the first and the last may be empty.
    """

    texts: tuple[str, ...]

    def take(self, text: str) -> tuple[str, ...] | None:
        """What stands between the texts, each piece as short as it may be."""
        first, last = self.texts[0], self.texts[-1]
        if not text.startswith(first) or not text.endswith(last):
            return None
        start, end = len(first), len(text) - len(last)
        taken = []
        for between in self.texts[1:-1]:
            at = text.find(between, start + 1, end)
            if at < 0:
                return None
            taken.append(text[start:at])
            start = at + len(between)
        if start >= end:
            return None
        return (*taken, text[start:end])


@dataclass(frozen=True, slots=True)
class Pieced:
    """Atoms in a row, of which some are placeholders: `spans` are the (first, end) atom of each.

    From the end towards the beginning is worked out where each atom may begin so that the rest
    fits; then every atom takes what a regular expression would have taken.
    """

    atoms: tuple[Atom, ...]
    spans: tuple[tuple[int, int], ...]

    def take(self, text: str) -> tuple[str, ...] | None:
        """What the placeholders hold, or None; steps: atoms times characters."""
        if len(text) > LONGEST_PIECED:
            return None
        ends = [[-1] * len(text) + [len(text)]]
        for atom in reversed(self.atoms):
            ends.append(_ends(atom, text, ends[-1]))
            if max(ends[-1]) < 0:
                return None
        at, marks = 0, [0]
        for reached in reversed(ends[1:]):
            at = reached[at]
            if at < 0:
                return None
            marks.append(at)
        return tuple(text[marks[first] : marks[end]] for first, end in self.spans)


@dataclass(frozen=True, slots=True)
class Deep:
    """What spans any number of segments: `*`, `:path*`, `:path+`, `*.jpg`.

    Alone between slashes it may hold no segment at all, unless `some`.
    """

    prefix: str = ""
    suffix: str = ""
    some: bool = False
    unless: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it stands alone between slashes."""
        return not self.prefix and not self.suffix

    def take(self, segments: Sequence[str]) -> str | None:
        """What it holds, or None."""
        rest = "/".join(segments)
        held = len(rest) - len(self.prefix) - len(self.suffix)
        if held < (1 if self.some else 0):
            return None
        if not rest.startswith(self.prefix) or not rest.endswith(self.suffix):
            return None
        taken = rest[len(self.prefix) : len(self.prefix) + held]
        return None if self.unless and taken.startswith(self.unless) else taken


@dataclass(frozen=True, slots=True)
class Pattern:
    """A path with placeholders. `names` are theirs, from left to right."""

    text: str
    front: tuple[Segment, ...]
    deep: Deep | None = None
    back: tuple[Segment, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def exact(self) -> str | None:
        """The one path it stands for, without a slash at its end; None when there are more."""
        if self.deep is not None or self.names:
            return None
        return "/" + "/".join(one.text for one in self.front if isinstance(one, Fixed))

    @property
    def least(self) -> int:
        """So many segments has a path that fits, and no more unless some part spans several."""
        spanned = self.deep is not None and (self.deep.some or not self.deep.alone)
        return len(self.front) + len(self.back) + spanned

    @property
    def sure(self) -> bool:
        """Whether its fixed segments in front and their number decide."""
        free = all(
            isinstance(one, Fixed) or (isinstance(one, Whole) and one.free) for one in self.front
        )
        deep = self.deep
        return free and not self.back and (deep is None or (deep.alone and not deep.unless))

    @property
    def pieced(self) -> bool:
        """Whether it has segments that are compared atom by atom."""
        return any(isinstance(one, Pieced) for one in (*self.front, *self.back))

    def take(self, segments: Sequence[str], slash: str = "") -> tuple[str, ...] | None:
        """What the placeholders hold for a path, in their order; None when it does not fit.

        `slash` is "/" when the path ends with one: what spans segments up to the end keeps it.
        """
        front, back, deep = self.front, self.back, self.deep
        middle = len(segments) - len(front) - len(back)
        if middle < 0 or (deep is None and middle):
            return None
        taken: tuple[str, ...] = ()
        for one, text in zip(front, segments, strict=False):
            held = one.take(text)
            if held is None:
                return None
            taken += held
        if deep is not None:
            if not middle and (deep.some or not deep.alone):
                return None
            span = deep.take(segments[len(front) : len(front) + middle])
            if span is None:
                return None
            taken += (span + slash if span and not back and not deep.suffix else span,)
            for one, text in zip(back, segments[len(front) + middle :], strict=False):
                held = one.take(text)
                if held is None:
                    return None
                taken += held
        return taken


def split(path: str) -> tuple[list[str], str]:
    """The segments of a normalised path, and "/" when it ends with one (and is not only that)."""
    inner = path[1:]
    if not inner:
        return [], ""
    if inner.endswith("/"):
        return inner[:-1].split("/"), "/"
    return inner.split("/"), ""


def _ends(atom: Atom, text: str, after: list[int]) -> list[int]:
    """For every place of a text where `atom` then ends, as far as the rest fits there; or -1."""
    size = len(text)
    if isinstance(atom, Literal | Words):
        words = (atom.text,) if isinstance(atom, Literal) else atom.words
        made = [-1] * (size + 1)
        for at in range(size + 1):
            for word in words:
                end = at + len(word)
                if text.startswith(word, at) and after[end] >= 0:
                    made[at] = end
                    break
        return made
    return _run_ends(atom, text, after)


def _run_ends(atom: Run, text: str, after: list[int]) -> list[int]:
    """The same for a run: the nearest place where the rest fits, or the farthest."""
    size = len(text)
    near, far = [-1] * (size + 2), [-1] * (size + 1)
    for at in range(size, -1, -1):
        near[at] = at if after[at] >= 0 else near[at + 1]
    last = -1
    for at in range(size + 1):
        last = far[at] = at if after[at] >= 0 else last
    members, negated = set(atom.of.chars), atom.of.negated
    made = [-1] * (size + 1)
    reach = 0
    for at in range(size, -1, -1):
        reach = reach + 1 if at < size and (text[at] in members) is not negated else 0
        most = at + (reach if atom.most is None else min(reach, atom.most))
        least = at + atom.least
        if least > most:
            continue
        end = near[least] if atom.lazy else far[most]
        if end >= 0 and least <= end <= most:
            made[at] = end
    return made
