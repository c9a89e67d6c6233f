"""All files together: one table, the notes on what was not simply taken, and the faults.

The first rule that fits counts: those of clouddeck.toml stand before those of `_redirects`, and
those before netlify.toml and vercel.json. Of headers and passwords the last that fits counts, so
the files stand the other way round; between `_headers` and netlify.toml the latter wins, as it
does at Netlify.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from chalicelib.builds.rules.documents import Document, read_json, read_toml
from chalicelib.builds.rules.model import PlanError
from chalicelib.edge.rules.routing.limits import check
from chalicelib.edge.rules.routing.model import AuthRule, HeaderRule, Routing, Rule
from chalicelib.edge.rules.routing.table import looks
from chalicelib.routing.rules import clouddeck, headers_file, netlify, redirects_file, vercel
from chalicelib.routing.rules.report import MOST_SAID, Draft, Fault, Note

MAX_LINES = 2 * 1024 * 1024
"""Bytes of a `_redirects` or `_headers` file."""

Lines = Callable[[Draft, str], None]
Tables = Callable[[Draft, Document], None]
T = TypeVar("T")

LINES: dict[str, Lines] = {
    redirects_file.FILE: redirects_file.read,
    headers_file.FILE: headers_file.read,
}
TABLES: dict[str, tuple[Callable[[str, str | None], Document], Tables]] = {
    clouddeck.FILE: (read_toml, clouddeck.read),
    netlify.FILE: (read_toml, netlify.read),
    vercel.FILE: (read_json, vercel.read),
}
FILES = (clouddeck.FILE, *LINES, netlify.FILE, vercel.FILE)
"""Every file that is read, the one whose rules come first at the front."""

LAST_WINS = (vercel.FILE, *LINES, netlify.FILE, clouddeck.FILE)
"""The same for headers and passwords, where the one that comes last wins."""

_HOMES = {"backend": clouddeck.FILE, "locales": clouddeck.FILE}


@dataclass(frozen=True)
class Compiled:
    """What the files come to. With faults the table is not to be used."""

    routing: Routing
    notes: tuple[Note, ...]
    faults: tuple[Fault, ...]

    @property
    def empty(self) -> bool:
        """Whether it says nothing at all."""
        return self.routing == Routing()


def compiled(texts: Mapping[str, str | None], *, private: bool = False, salt: str = "") -> Compiled:
    """The table of these files, of which None is one that is too large or no text.

    `private` lets proxies lead to addresses that are not public; `salt` names the project whose
    passwords these are.
    """
    drafts = [
        _read(Draft(name, private=private, salt=salt), texts[name])
        for name in FILES
        if name in texts
    ]
    faults = [fault for draft in drafts for fault in draft.faults]
    routing = _together(drafts)
    if not faults:
        faults = _limits(routing, private=private)
    if not faults:
        routing = replace(routing, looks=looks(routing))
    notes = tuple(note for draft in drafts for note in draft.notes)
    return Compiled(routing, notes, tuple(faults))


def _read(draft: Draft, text: str | None) -> Draft:
    if draft.file in LINES:
        if text is None or len(text) > MAX_LINES:
            draft.fault(0, f"it is larger than {MAX_LINES} bytes, or no text", "Use placeholders.")
        else:
            LINES[draft.file](draft, text.removeprefix("\ufeff"))
        return draft
    parse, read = TABLES[draft.file]
    try:
        document = parse(draft.file, text)
    except PlanError as error:
        draft.fault(0, error.message, error.hint)
        return draft
    read(draft, document)
    return draft


def _together(drafts: list[Draft]) -> Routing:
    last_wins = sorted(drafts, key=lambda draft: LAST_WINS.index(draft.file))
    return Routing(
        rules=tuple(rule for draft in drafts for rule in draft.rules),
        headers=tuple(rule for draft in last_wins for rule in draft.headers),
        auth=tuple(rule for draft in last_wins for rule in draft.auth),
        backends=tuple(backend for draft in drafts for backend in draft.backends),
        locales=_first([draft.locales for draft in drafts]),
        trailing_slash=_first([draft.trailing_slash for draft in drafts]) or "auto",
        clean_urls=_first([draft.clean_urls for draft in drafts]),
        spa=_first([draft.spa for draft in drafts]),
        not_found=_first([draft.not_found for draft in drafts]) or "404.html",
    )


def _first(values: list[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _limits(routing: Routing, *, private: bool) -> list[Fault]:
    """What the edge would not take, each with the place of its rule."""
    places: dict[str, Sequence[Rule | HeaderRule | AuthRule]] = {
        "rule": routing.rules,
        "header": routing.headers,
        "auth": routing.auth,
    }
    found = []
    for fault in check(routing, private=private)[:MOST_SAID]:
        listed = places.get(fault.kind)
        rule = listed[fault.index] if listed and fault.index is not None else None
        large = fault.kind == "table" and fault.code.startswith("too_many")
        found.append(
            Fault(
                rule.source if rule else _HOMES.get(fault.kind, "the rules"),
                rule.line if rule else 0,
                fault.detail,
                "docs/rules.md has the limits." if large else "docs/rules.md has the grammar.",
                "rules_too_large" if large else "rules_invalid",
            )
        )
    return found
