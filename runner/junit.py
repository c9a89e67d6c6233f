"""Reads the test reports that a step left, in the form that every test runner can write (JUnit).

A report is a stranger's XML: it is read as a stream, in constant memory, without entities, and one
that is not what it says it is counts as none.
"""

import contextlib
import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat

from runner.mask import Mask

MOST_FILES = 200
MOST_BYTES = 20 * 1024 * 1024
MOST_ENTRIES = 200_000
MOST_FAILED = 50
LONGEST_NAME = 300
LONGEST_MS = 24 * 3600 * 1000  # what a report says of time is as true as the rest of it
LONGEST_MESSAGE = 1000
READ = 64 * 1024
PASSED_OVER = frozenset({"node_modules", ".git"})


class Failed(NamedTuple):
    """A test that did not pass."""

    name: str
    message: str


class Tests(NamedTuple):
    """What the tests of one step came to; `ms` is what they say they took."""

    step: str
    tests: int
    failures: int
    errors: int
    skipped: int
    ms: int
    failed: list[Failed]


def collect(
    step: str, folder: Path, globs: tuple[str, ...], since_ns: int, mask: Mask
) -> Tests | None:
    """What the reports of a step say, without secrets; None when it left none.

    Reports that are older than the step (nanoseconds since 1970) are not its own.
    """
    reader = _Reader(mask.longest)
    room, found = MOST_BYTES, False
    for path in _matching(folder, globs)[:MOST_FILES]:
        with contextlib.suppress(OSError, expat.ExpatError, _Refused):
            room -= reader.read(path, since_ns, room)
            found = True
    if not found:
        return None
    total = reader.total
    return Tests(
        step,
        total["testcase"],
        total["failure"],
        total["error"],
        total["skipped"],
        min(round(reader.seconds * 1000), LONGEST_MS),
        [
            Failed(mask(f.name, LONGEST_NAME), mask(f.message, LONGEST_MESSAGE))
            for f in reader.failed
        ],
    )


class _Refused(Exception):  # noqa: N818 - a verdict, not a bug
    """The file is no report of this step."""


class _Reader:
    """Counts test cases over several files.

    Texts keep `spare` more characters than are shown, so that a secret across the cut is hidden.
    """

    def __init__(self, spare: int) -> None:
        self._most = LONGEST_MESSAGE + spare
        self.total = dict.fromkeys(("testcase", "failure", "error", "skipped"), 0)
        self.seconds = 0.0
        self.failed: list[Failed] = []
        self._case = self._message = ""
        self._outcome: str | None = None
        self._text: list[str] | None = None
        self._room = 0

    def read(self, path: Path, since_ns: int, room: int) -> int:
        """Take one file; returns its size. Raises _Refused, OSError or ExpatError."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123 - a descriptor
            info = os.fstat(file.fileno())
            old = info.st_mtime_ns < since_ns
            if old or not stat.S_ISREG(info.st_mode) or info.st_size > room:
                raise _Refused
            parser = expat.ParserCreate()
            parser.buffer_text = True
            parser.EntityDeclHandler = _no_entities
            parser.StartElementHandler = self._start
            parser.EndElementHandler = self._end
            parser.CharacterDataHandler = self._characters
            left = info.st_size
            while left > 0 and (piece := file.read(min(READ, left))):
                left -= len(piece)
                parser.Parse(piece, False)
            parser.Parse(b"", True)
            return info.st_size

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "testcase":
            self.total[tag] += 1
            name = ".".join(filter(None, (given.get("classname"), given.get("name"))))
            self._case, self._outcome = name[: self._most] or "a test without a name", None
            self.seconds += _seconds(given.get("time"))
        elif tag in ("failure", "error", "skipped") and self._outcome is None and self._case:
            self.total[tag] += 1
            self._outcome = tag
            self._message = given.get("message", "")[: self._most]
            self._text, self._room = [], self._most

    def _characters(self, text: str) -> None:
        if self._text is not None and self._room > 0 and len(self.failed) < MOST_FAILED:
            self._text.append(text[: self._room])
            self._room -= len(text)

    def _end(self, tag: str) -> None:
        if tag == "testcase":
            self._case = ""
        if tag != self._outcome or self._text is None:
            return
        if tag != "skipped" and len(self.failed) < MOST_FAILED:
            message = self._message.strip() or "".join(self._text).strip()[: self._most]
            self.failed.append(Failed(self._case, message))
        self._text = None


def _no_entities(*_: object) -> None:
    raise _Refused


def _seconds(text: str | None) -> float:
    with contextlib.suppress(ValueError):
        seconds = float((text or "0").replace(",", ""))
        return seconds if 0 <= seconds < 1e6 else 0.0
    return 0.0


def _matching(folder: Path, globs: tuple[str, ...]) -> list[Path]:
    """Files below a folder that a glob names, in order; links are not followed."""
    plain = [glob for glob in globs if not any(sign in glob for sign in "*?")]
    found = {path for glob in plain if _below(folder, path := folder / glob)}
    wild = [_parts(glob) for glob in globs if glob not in plain]
    if wild:
        names = (os.path.relpath(path, folder) for path in _walk(folder))
        found |= {folder / name for name in names if any(_matches(p, name) for p in wild)}
    return sorted(found)


def _below(folder: Path, path: Path) -> bool:
    """Whether it is there, and really there, whatever links are on the way."""
    real = os.path.realpath(path)
    return real.startswith(os.path.realpath(folder) + "/") and Path(real).is_file()


def _walk(folder: Path) -> list[str]:
    files: list[str] = []
    todo, seen = [str(folder)], 0
    while todo and seen < MOST_ENTRIES:
        with contextlib.suppress(OSError):
            for entry in os.scandir(todo.pop()):
                seen += 1
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in PASSED_OVER:
                        todo.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    files.append(entry.path)
    return files


def _parts(glob: str) -> list[str]:
    """The folders of a glob; `a/**` is all that is below, and `**` twice says no more than once."""
    parts = [part for part in glob.removeprefix("./").split("/") if part]
    if parts[-1:] == ["**"]:
        parts.append("*")
    return [p for at, p in enumerate(parts) if p != "**" or parts[at + 1 : at + 2] != ["**"]]


def _matches(parts: list[str], name: str) -> bool:
    """Whether a glob matches a path; `*` and `?` stay within a folder, `**` spans any number.

    On a mismatch the last `**` or `*` takes one more: no glob makes this take long.
    """
    return _spread(parts, name.split("/"), "**", _part_matches)


def _part_matches(glob: str, name: str) -> bool:
    return _spread(glob, name, "*", lambda sign, letter: sign in ("?", letter))


def _spread(
    glob: Sequence[str], path: Sequence[str], wild: str, fits: Callable[[str, str], bool]
) -> bool:
    at = here = 0
    star = mark = -1
    while here < len(path):
        if at < len(glob) and glob[at] == wild:
            star, mark, at = at, here, at + 1
        elif at < len(glob) and fits(glob[at], path[here]):
            at, here = at + 1, here + 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return all(sign == wild for sign in glob[at:])
