"""What differs between two releases. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from chalicelib.edge.rules.routing.model import Routing

SHOWN = 1_000
"""So many files, and rules, of each kind are named; `counts` has all."""

Files = Iterable[tuple[str, str, int]]


@dataclass(frozen=True)
class Change:
    """A file and its length in bytes before and after; None where it is not."""

    path: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class FileChanges:
    """Files that differ, by path, with how many there are of each kind and what they weigh."""

    added: list[Change]
    removed: list[Change]
    changed: list[Change]
    counts: dict[str, int]
    bytes: int
    """What the second has more than the first; negative when it has less."""


def files(before: Files, after: Files) -> FileChanges:
    """Which files differ, of two lists of (path, hash, length)."""
    old = {path: (digest, size) for path, digest, size in before}
    new = {path: (digest, size) for path, digest, size in after}
    kinds = {
        "added": [Change(p, None, new[p][1]) for p in sorted(new.keys() - old.keys())],
        "removed": [Change(p, old[p][1], None) for p in sorted(old.keys() - new.keys())],
        "changed": [
            Change(p, old[p][1], new[p][1])
            for p in sorted(old.keys() & new.keys())
            if old[p][0] != new[p][0]
        ],
    }
    grown = sum(size for _, size in new.values()) - sum(size for _, size in old.values())
    shown = {kind: some[:SHOWN] for kind, some in kinds.items()}
    return FileChanges(**shown, counts={k: len(v) for k, v in kinds.items()}, bytes=grown)


@dataclass(frozen=True)
class Names:
    """Names that are there only after, only before, or in both with another content."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


def names(before: Mapping[str, Any], after: Mapping[str, Any]) -> Names:
    """Which names differ."""
    return Names(
        sorted(after.keys() - before.keys()),
        sorted(before.keys() - after.keys()),
        sorted(n for n in before.keys() & after.keys() if before[n] != after[n]),
    )


def lines(routing: Routing | None) -> dict[str, dict[str, Any]]:
    """Every rule of a table under what it says: where it stands in its file says nothing."""
    if routing is None:
        return {}
    found: dict[str, dict[str, Any]] = {}
    for kind, several in (
        ("rule", routing.rules),
        ("header", routing.headers),
        ("auth", routing.auth),
        ("backend", routing.backends),
    ):
        for one in several:
            said = {k: v for k, v in asdict(one).items() if k not in {"line", "users"}}
            # names and passwords of people are compared and not shown
            key = repr((kind, said, getattr(one, "users", None)))
            found[key] = _line(kind, said)
    for name in ("locales", "trailing_slash", "clean_urls", "spa", "not_found"):
        value = getattr(routing, name)
        key = repr((name, value))
        found[key] = _line("setting", {"pattern": name, "to": "" if value is None else str(value)})
    return found


def _line(kind: str, said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "source": str(said.get("source", "")),
        "pattern": str(said.get("pattern") or said.get("name") or ""),
        "to": str(said.get("to", "")),
        "status": said.get("status"),
    }
