"""Talking to the person: notes on stderr, the result on stdout, questions only to a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from cdk.install.problems import Problem, Refused

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One check: ok, warn or fail, and what to do when it is not ok."""

    name: str
    state: State
    detail: str
    hint: str = ""


class Terminal:
    """The streams of one run. With `json` stdout carries one document and nothing else."""

    def __init__(self, *, json: bool = False, yes: bool = False) -> None:
        self.json = json
        self.yes = yes

    def note(self, text: str = "") -> None:
        """What is going on; silent with `json`, where stderr is for one document as well."""
        if not self.json:
            sys.stderr.write(_harmless(text) + "\n")
            sys.stderr.flush()

    def notes(self, lines: Iterable[str]) -> None:
        """Several of them."""
        for line in lines:
            self.note(line)

    def findings(self, rows: Iterable[Finding]) -> None:
        """Rows as `deck doctor` prints them."""
        self.notes(rows_as_text(rows))

    def result(self, data: dict[str, Any], lines: Iterable[str] = ()) -> None:
        """The answer: `data` for programs, `lines` for people."""
        if self.json:
            sys.stdout.write(json.dumps(data, indent=2) + "\n")
        else:
            sys.stdout.writelines(_harmless(line) + "\n" for line in lines)
        sys.stdout.flush()

    def error(self, problem: Problem) -> None:
        """The one place that prints an error, in the shape of `deck`."""
        if self.json:
            sys.stderr.write(json.dumps(problem.body()) + "\n")
            return
        self.note(f"error: {problem.message}")
        if problem.hint:
            self.note(f"hint: {problem.hint}")

    def confirm(self, question: str) -> None:
        """Go on after a yes; raises Refused after anything else, or when nobody can answer."""
        if self.yes:
            return
        if self._ask(f"{question} [y/N] ").strip().lower() not in {"y", "yes"}:
            raise Refused("not_confirmed", "Nothing was changed", "Answer y to go on.")

    def confirm_by_name(self, question: str, name: str) -> None:
        """The same for what cannot be undone: the name has to be typed."""
        if self.yes:
            return
        if self._ask(f"{question} Type {name} to go on: ").strip() != name:
            raise Refused("not_confirmed", "Nothing was changed", f"Type {name} to go on.")

    def _ask(self, text: str) -> str:
        if not sys.stdin.isatty():
            hint = "Look at what it would do with --dry-run, then add --yes."
            raise Refused("not_confirmed", "There is no terminal to ask on", hint)
        sys.stderr.write(text)
        sys.stderr.flush()
        return sys.stdin.readline()


def rows_as_text(rows: Iterable[Finding]) -> list[str]:
    """`ok    name          detail`, and below it what to do."""
    lines = []
    for row in rows:
        lines.append(f"{row.state:<4}  {row.name:<14} {row.detail}")
        if row.hint and row.state != "ok":
            lines.append(f"      {'':<14} → {row.hint}")
    return lines


def rows_as_data(rows: Iterable[Finding]) -> list[dict[str, str]]:
    """The same for programs."""
    return [vars(row) for row in rows]


def _harmless(text: str) -> str:
    """AWS's sentences quote names that strangers chose: no control characters reach a terminal."""
    return "".join(c if c == "\t" or c.isprintable() else "�" for c in text)
