"""bun.lock: JSON with comments and commas at the end (the older binary bun.lockb is not read)."""

from __future__ import annotations

import json
import re
from typing import Any

from chalicelib.supply.rules.components import (
    MAX_PLACE,
    Component,
    Lock,
    LockError,
    integrity,
    is_name,
    is_version,
)

# texts and comments, terminated or not, so that no character is ever looked at twice
_LOOSE = re.compile(r'("(?:[^"\\]|\\.)*+"?)|//[^\n]*|/\*(?:.*?\*/|.*)|,(?=\s*[\]}])', re.DOTALL)
_ASKS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def read(text: str) -> Lock:
    """The packages of a lock file, and what each workspace asks for."""
    content = json.loads(_LOOSE.sub(lambda found: found[1] or "", text))
    packages = content.get("packages")
    if not isinstance(packages, dict) or "lockfileVersion" not in content:
        raise LockError("it has no `packages`")
    lock, placed = Lock("npm"), {}
    for place, entry in packages.items():
        name, version = _split(str(entry[0]))
        own = version.startswith("workspace:") or len(place) > MAX_PLACE
        if is_name(name) and is_version(version) and not own:
            hashes = integrity(entry[-1]) if isinstance(entry[-1], str) else ()
            shown = version if version[:1].isdigit() else ""
            placed[place] = lock.add(Component("npm", name, shown, hashes))
    for place, entry in packages.items():
        fields = next((part for part in entry if isinstance(part, dict)), {})
        for name in _asked(fields):
            if place in placed:
                lock.needs(placed[place], _nearest(placed, place, name))
    for folder in (content.get("workspaces") or {}).values():
        for name in _asked(folder):
            lock.root(_nearest(placed, str(folder.get("name") or ""), name))
    return lock


def _split(text: str) -> tuple[str, str]:
    """Name and version of `name@version`; an address as a version may hold an @ and a password."""
    at = text.find("@", 1)
    return (text[:at], text[at + 1 :]) if at > 0 else (text, "")


def _asked(fields: dict[str, Any]) -> list[str]:
    return [name for kind in _ASKS for name in fields.get(kind) or {}]


def _nearest(placed: dict[str, str], place: str, name: str) -> str | None:
    while place:
        if f"{place}/{name}" in placed:
            return placed[f"{place}/{name}"]
        place = place.rpartition("/")[0]
    return placed.get(name)
