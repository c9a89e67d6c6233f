"""What became of what a person wrote: taken, taken with another meaning, left out, or a mistake.

One principle decides between the last two. Where no file is, a rule that is missing is a page that
is missing: it is left out and the log says so. A rule that stands before the files may be all that
keeps one from being seen, so it is never left out quietly: it is a fault, and faults end a
deployment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from chalicelib.edge.rules.resolve import TrailingSlash
from chalicelib.edge.rules.routing.model import (
    AuthRule,
    Backend,
    HeaderRule,
    Locales,
    Rule,
)

Verdict = Literal["different", "ignored", "refused"]
"""`different`: taken, and it means something else here; `ignored`: it changes nothing here;
`refused`: left out, because it cannot be had."""

MOST_SAID = 200
ELSE = "docs/rules.md has everything that can be written."


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was not simply taken."""

    file: str
    line: int
    what: str
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A mistake that ends a deployment: where, what, and what to write instead."""

    file: str
    line: int
    message: str
    hint: str
    code: Literal["rules_invalid", "rules_too_large"] = "rules_invalid"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}"


class RuleError(ValueError):
    """One rule cannot be taken as it stands; the text says why, `hint` what to write."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UnavailableError(RuleError):
    """One rule asks for something that cannot be had here."""


@dataclass
class Draft:
    """What one file says, while it is read."""

    file: str
    private: bool = False
    """Whether a proxy may lead to private addresses and over plain HTTP."""
    salt: str = ""
    """What the salts of passwords are made of: one text for each project."""
    rules: list[Rule] = field(default_factory=list)
    headers: list[HeaderRule] = field(default_factory=list)
    auth: list[AuthRule] = field(default_factory=list)
    backends: list[Backend] = field(default_factory=list)
    locales: Locales | None = None
    trailing_slash: TrailingSlash | None = None
    clean_urls: bool | None = None
    spa: bool | None = None
    not_found: str | None = None
    notes: list[Note] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def note(self, line: int | None, what: str, verdict: Verdict, why: str) -> None:
        """Say what became of something."""
        if len(self.notes) < MOST_SAID:
            self.notes.append(Note(self.file, line or 0, shown(what), verdict, why))

    def fault(self, line: int | None, message: str, hint: str = "") -> None:
        """Say that something is wrong."""
        if len(self.faults) < MOST_SAID:
            self.faults.append(Fault(self.file, line or 0, message, hint))

    def trouble(self, line: int | None, what: str, error: RuleError, *, forced: bool) -> None:
        """A rule that is not taken: left out where that hides a page at most, else a fault."""
        if isinstance(error, UnavailableError) and not forced:
            self.note(line, what, "refused", error.message)
        else:
            self.fault(line, f"{shown(what)}: {error.message}", error.hint or ELSE)


def shown(text: str) -> str:
    """A stranger's text as it may stand in a log: one short printable line."""
    cut = text if len(text) <= 120 else text[:117] + "..."
    return "".join(c if c.isprintable() else " " for c in cut)
