r"""Reading `.env` files. Pure, in one pass, and a value is never part of what is said of it.

A key that somebody forgot to quote goes over several lines, and its last one, `qL3...Zg==`, looks
as if it were an assignment. So a name is told only when it can be one, and such a line never is.

    # a comment
    export NAME=value              # a blank and a # begin a comment
    QUOTED="one\ntwo \"three\""     \n \r \t \\ \" \$ \` are escapes, others stay as they are
    PLAIN='as it is, $ and \ too'   so do backquotes; quoted values go over several lines

Nothing is put in for `$NAME`: what a file says is what a variable holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

ENTRIES_MAX = 1000

_ASSIGNMENT = re.compile(r"[ \t]*(?:export[ \t]+)?([^\s=#'\"`]+)[ \t]*=[ \t]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
_BASE64 = re.compile(r"(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9+/_-]{12,}={1,2}\s*\Z")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "$": "$", "`": "`"}
_COMMENT = re.compile(r"(?:^|[ \t])#")


@dataclass(frozen=True)
class Entry:
    """A variable in a file, and the line on which it begins."""

    line: int
    name: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class Fault:
    """A line that cannot be read, and why; `name` as far as there is one."""

    line: int
    name: str
    code: str
    detail: str


@dataclass(frozen=True)
class File:
    """What stands in a file."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]


def read(text: str) -> File:
    """Every variable of a file, and every line that is none."""
    reader = _Reader(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    reader.run()
    return File(tuple(reader.entries), tuple(reader.faults))


class _Reader:
    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.at = 0
        self.entries: list[Entry] = []
        self.faults: list[Fault] = []
        self.seen: dict[str, int] = {}

    def run(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            stripped = line.strip(" \t")
            if stripped and not stripped.startswith("#"):
                self._assignment(line)
            self.at += 1

    def _assignment(self, line: str) -> None:
        start = self.at + 1
        found = _ASSIGNMENT.match(line)
        if found is None or _is_base64(line):
            self._fault(start, "", "invalid_env_line", "A line is NAME=value, or a comment.")
            return
        name, rest = found[1], line[found.end() :]
        if rest[:1] in {'"', "'", "`"}:
            value = self._quoted(name, rest)
        else:
            value = _COMMENT.split(rest, maxsplit=1)[0].strip(" \t")
        if value is None:
            return
        if name in self.seen:
            first = self.seen[name]
            self._fault(start, name, "duplicate_env", f"It stands on line {first} too.")
        elif len(self.entries) >= ENTRIES_MAX:
            self._fault(start, name, "too_many_variables", f"Over {ENTRIES_MAX} variables.")
        else:
            self.seen[name] = start
            self.entries.append(Entry(start, name, value))

    def _quoted(self, name: str, rest: str) -> str | None:
        """A value in quotes, which may end on a later line; None when there is a fault."""
        start, quote, rest = self.at, rest[0], rest[1:]
        parts: list[str] = []
        while True:
            end = _closing(rest, quote)
            if end >= 0:
                parts.append(rest[:end])
                break
            parts.append(rest)
            self.at += 1
            if self.at >= len(self.lines):
                self.at = start  # the lines below may be good by themselves
                why = f"The value begins with {quote} and never ends."
                self._fault(start + 1, name, "unclosed_quote", why)
                return None
            rest = self.lines[self.at]
        behind = rest[end + 1 :].strip(" \t")
        if behind and not behind.startswith("#"):
            why = f"Something stands behind the closing {quote}."
            self._fault(start + 1, name, "invalid_env_line", why)
            return None
        value = "\n".join(parts)
        return _unescaped(value) if quote == '"' else value

    def _fault(self, line: int, name: str, code: str, detail: str) -> None:
        self.faults.append(Fault(line, told(name), code, detail))


def told(name: str) -> str:
    """A name as far as it may be repeated: what cannot be one may be a part of a value."""
    return name if _NAME.match(name) else ""


def _is_base64(line: str) -> bool:
    """Whether a line is the end of a key rather than a name with nothing behind it."""
    text = line.strip(" \t")
    return len(text) % 4 == 0 and bool(_BASE64.match(text))


def _closing(text: str, quote: str) -> int:
    """Where a quote closes in a line, or -1."""
    if quote != '"':
        return text.find(quote)
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == '"':
            return at
        else:
            at += 1
    return -1


def _unescaped(text: str) -> str:
    """A text with its escapes resolved; an unknown one stays as it was written."""
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), text, flags=re.DOTALL)
