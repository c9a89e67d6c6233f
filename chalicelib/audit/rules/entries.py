"""An entry: who changed what, when, from where, and how it ended, tied to the entry before it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

from chalicelib.audit.rules.canonical import canonical, digest
from chalicelib.audit.rules.fields import plain, shown

INSTALLATION = "installation"
"""Whose log it is when it is no team's."""

FIRST = "0" * 64
"""What stands for the hash before the first entry."""

VERSION = 1
Outcome = Literal["ok", "refused", "unknown"]
"""`refused`: nothing was changed, but the attempt is worth a row. `unknown`: the process ended
between the announcement of a change and its end, so it was made or not."""


@dataclass(frozen=True)
class Who:
    """Who did it, and from where; `credential` is the session or the key."""

    kind: str
    id: str
    user: str = ""
    ip: str = ""
    agent: str = ""
    credential: str = ""


@dataclass(frozen=True)
class Draft:
    """An entry that has no place in a log yet.

    `of` is what the resource belongs to, such as the project of a variable, and `label` the name
    that people know it by.
    """

    id: str
    at: str
    team: str
    action: str
    who: Who
    resource: str = ""
    of: str = ""
    label: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome = "ok"

    def text(self) -> str:
        """The draft as it is kept until it is written."""
        kept = {**vars(self), "who": vars(self.who)}
        kept |= {"before": shown(self.before), "after": shown(self.after)}
        return canonical(kept).decode()


def draft_of(text: str) -> Draft:
    """The draft that `Draft.text` kept."""
    kept = json.loads(text)
    return Draft(**{**kept, "who": Who(**kept["who"])})


@dataclass(frozen=True)
class Place:
    """The end of a log: how many entries were written into it, and the hash of the last."""

    sequence: int = 0
    hash: str = FIRST


def entry(draft: Draft, after: Place, recorded_at: str) -> dict[str, Any]:
    """The entry that follows a place; `hash` is over everything else in it."""
    who = draft.who
    content: dict[str, Any] = {
        "version": VERSION,
        "team": draft.team,
        "sequence": after.sequence + 1,
        "id": plain(draft.id, 200),
        "at": draft.at,
        "recorded_at": recorded_at,
        "actor": {
            "kind": who.kind,
            "id": plain(who.id, 200),
            "user": plain(who.user, 200),
            "ip": plain(who.ip, 64),
            "agent": plain(who.agent, 200),
            "credential": plain(who.credential, 200),
        },
        "action": plain(draft.action, 100),
        "resource": plain(draft.resource, 200),
        "of": plain(draft.of, 200),
        "label": plain(draft.label, 200),
        "before": shown(draft.before),
        "after": shown(draft.after),
        "outcome": draft.outcome,
        "prev": after.hash,
    }
    return {**content, "hash": digest(content)}


def sealed(found: dict[str, Any]) -> str:
    """The hash that an entry ought to have."""
    return digest({name: value for name, value in found.items() if name != "hash"})
