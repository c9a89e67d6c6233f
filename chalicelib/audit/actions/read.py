"""Reading a log: newest first for people, oldest first for what takes it elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from chalicelib.audit import rows
from chalicelib.audit.rules.chain import DAY_MS, millis
from chalicelib.audit.rules.sentences import sentence
from chalicelib.core import clock
from chalicelib.core.table import find_mixed
from chalicelib.identity.rows import UserRow, profile_key

Entry = dict[str, Any]

_AT_ONCE = 200
_PAGES = 6
EXPORT_BYTES = 1_500_000
"""Of entries in one answer: as CSV inside of JSON they can be three times as long, and a function
of AWS Lambda answers with at most 6 MB."""

_CLOCKS_MS = 60_000
"""How far the clocks of two machines may be apart."""


@dataclass(frozen=True)
class Wanted:
    """Which entries: an action or the beginning of one, who, what, and from when to when."""

    action: str = ""
    actor: str = ""
    resource: str = ""
    since_ms: int = 0
    until_ms: int = 0

    def takes(self, entry: Entry) -> bool:
        """Whether an entry is wanted."""
        at, actor = millis(str(entry["at"])), entry["actor"]
        return (
            str(entry["action"]).startswith(self.action)
            and self.actor in {"", actor["id"], actor["user"], actor["credential"]}
            and self.resource in {"", entry["resource"], entry["of"], entry["label"]}
            and self.since_ms <= at
            and (not self.until_ms or at < self.until_ms)
        )

    def ends_at(self, entry: Entry) -> bool:
        """Whether no entry older than this one is wanted: it was written too long ago."""
        return millis(str(entry["recorded_at"])) < self.since_ms - _CLOCKS_MS


def page(team: str, wanted: Wanted, limit: int, before: int = 0) -> tuple[list[Entry], int]:
    """Entries in front of a sequence, newest first, and where to go on (0 = that is all).

    Of a log that holds little of what is wanted, a page may be short and still not the last.
    """
    found: list[Entry] = []
    for _ in range(_PAGES):
        read = rows.newest(team, before, _AT_ONCE)
        for row in read:
            before = int(row.sk)
            entry = row.entry()
            if wanted.ends_at(entry):
                return found, 0
            if wanted.takes(entry):
                found.append(entry)
            if len(found) == limit:
                return found, before if before > 1 else 0
        if len(read) < _AT_ONCE:
            return found, 0
    return found, before


def activity(team: str, limit: int) -> list[tuple[Entry, str]]:
    """What happened in the last 24 hours, newest first, with a sentence about each."""
    wanted = Wanted(since_ms=clock.now_ms() - DAY_MS)
    return told(page(team, wanted, limit)[0])


def told(entries: list[Entry]) -> list[tuple[Entry, str]]:
    """Entries with their sentences."""
    names = _names(str(entry["actor"]["user"]) for entry in entries)
    return [(entry, sentence(entry, _name(entry["actor"], names))) for entry in entries]


def export(team: str, after: int, limit: int) -> tuple[list[Entry], int]:
    """Entries behind a sequence, oldest first, and where to go on (0 = that is all).

    As many as an answer can carry: who writes long entries must not keep others from reading.
    """
    found: list[Entry] = []
    size = 0
    for row in islice(rows.entries(team, after, limit + 1), limit + 1):
        size += len(row.body.encode())
        if len(found) == limit or (found and size > EXPORT_BYTES):
            return found, int(found[-1]["sequence"])
        found.append(row.entry())
    return found, 0


def _names(users: Iterable[str]) -> dict[str, str]:
    wanted = sorted({user for user in users if user})[:100]
    found = find_mixed([profile_key(user) for user in wanted])
    return {row.id: str(row.name) for row in found if isinstance(row, UserRow)}


def _name(actor: dict[str, Any], names: dict[str, str]) -> str:
    who = names.get(actor["user"]) or str(actor["user"] or actor["id"])
    if actor["kind"] == "platform":
        return "CloudDeck"
    return f"{who} (by key)" if actor["kind"] == "api_key" else who
