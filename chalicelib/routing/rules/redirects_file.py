"""`_redirects`: a rule on each line, `from [query] [to] [status[!]] [conditions]`."""

from __future__ import annotations

import re

from chalicelib.routing.rules.netlify_rules import Written, take
from chalicelib.routing.rules.report import Draft, RuleError, shown
from chalicelib.routing.rules.targets import is_address

FILE = "_redirects"
MAX_LINE = 8192
_STATUS = re.compile(r"(\d{3})(!?)\Z")
_HEADER = re.compile(r"[A-Za-z-]+:\s")


def read(draft: Draft, text: str) -> None:
    """Read the lines of a `_redirects` file into the draft."""
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            take(draft, _parse(number, line))
        except RuleError as error:
            draft.fault(number, error.message, error.hint)


def _parse(number: int, line: str) -> Written:
    if len(line) > MAX_LINE:
        raise RuleError("the line is too long", f"A line has at most {MAX_LINE} characters.")
    words = line.split()
    comment = next((i for i, word in enumerate(words) if word.startswith("#")), len(words))
    start, *rest = words[:comment]
    if not start.startswith("/") and not is_address(start):
        hint = "Headers belong into _headers." if _HEADER.match(line) else ""
        raise RuleError(
            f"{shown(start)} is no path", hint or "A line begins with a path, such as /old /new."
        )
    query, to, options = _parts(rest)
    status, force = _status(options[0]) if options else (301, False)
    return Written(
        line=number,
        start=start,
        to=to,
        status=status,
        force=force,
        query=[_pair(word) for word in query],
        conditions=_conditions(options[1:]),
        signed=_signed(options[1:]),
    )


def _parts(words: list[str]) -> tuple[list[str], str | None, list[str]]:
    """Query, target, and what follows it. `/app/* 200` has no target."""
    if words and _STATUS.match(words[0]):
        return [], None, words
    for place, word in enumerate(words):
        if word.startswith(("/", "backend:")) or is_address(word):
            return words[:place], word, words[place + 1 :]
    raise RuleError(
        "there is no target", "Write a path that begins with a slash, or an http(s) address."
    )


def _status(word: str) -> tuple[int, bool]:
    found = _STATUS.match(word)
    if not found:
        raise RuleError(
            f"{shown(word)} is no status", "After the target comes a status, such as 301 or 200!."
        )
    return int(found[1]), bool(found[2])


def _pair(word: str) -> tuple[str, str | None]:
    name, equals, value = word.partition("=")
    return name, value if equals else None


def _conditions(words: list[str]) -> dict[str, list[str]]:
    conditions: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not value:
            raise RuleError(f"{shown(word)} is no condition", "Write Country=de,at.")
        if name.lower() not in _SIGNS:
            conditions[name.lower()] = [part for part in value.split(",") if part]
    return conditions


_SIGNS = ("sign", "signed", "signing")


def _signed(words: list[str]) -> str:
    pairs = (word.partition("=") for word in words)
    return next((value for name, _, value in pairs if name.lower() in _SIGNS), "")
