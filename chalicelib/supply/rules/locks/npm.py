"""package-lock.json and npm-shrinkwrap.json, versions 1 to 3."""

from __future__ import annotations

import json
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

_FOLDER = "node_modules/"
_NEEDS = ("dependencies", "optionalDependencies", "peerDependencies")
_ASKS = (*_NEEDS, "devDependencies")


def read(text: str) -> Lock:
    """The packages of a lock file; what stands in the project's own folders is the project."""
    content = json.loads(text)
    packages = content.get("packages")
    if isinstance(packages, dict):
        return _flat(packages)
    if isinstance(content.get("dependencies"), dict):
        return _nested(content["dependencies"])
    if "lockfileVersion" in content:
        return Lock("npm")
    raise LockError("it has neither `packages` nor `dependencies`")


def _component(name: Any, entry: dict[str, Any]) -> Component | None:
    version = entry.get("version")
    if not is_name(name) or not is_version(version):
        return None
    if not str(version)[:1].isdigit():  # version 1 writes an address where others write a version
        version = ""
    optional = any(entry.get(mark) for mark in ("dev", "optional", "devOptional"))
    return Component("npm", name, str(version), integrity(entry.get("integrity")), optional)


def _flat(packages: dict[str, Any]) -> Lock:
    lock, placed = Lock("npm"), {}
    for place, entry in packages.items():
        if _FOLDER not in place or entry.get("link") or len(place) > MAX_PLACE:
            continue
        component = _component(entry.get("name") or place.rpartition(_FOLDER)[2], entry)
        if component is not None:
            placed[place] = lock.add(component)
    for place, entry in packages.items():
        if len(place) > MAX_PLACE:
            continue
        own = _FOLDER not in place
        for kind in _ASKS if own else _NEEDS:
            for name in entry.get(kind) or {}:
                found = _nearest(placed, place, name)
                if own:
                    lock.root(found)
                elif place in placed:
                    lock.needs(placed[place], found)
    return lock


def _nearest(placed: dict[str, str], place: str, name: str) -> str | None:
    """Where Node would find a package: in the folder itself, then in each folder above."""
    while True:
        inner = f"{place}/{_FOLDER}{name}" if place else f"{_FOLDER}{name}"
        if inner in placed:
            return placed[inner]
        if not place:
            return None
        place = place.rpartition("/")[0]


def _nested(dependencies: dict[str, Any]) -> Lock:
    """Version 1: a tree of folders, walked without recursion, for a stranger wrote it."""
    lock = Lock("npm")
    flat: dict[str, Any] = {"": {}}
    waiting = [("", dependencies)]
    while waiting:
        place, found = waiting.pop()
        for name, entry in found.items():
            inner = f"{place}/{_FOLDER}{name}" if place else f"{_FOLDER}{name}"
            flat[inner] = {**entry, "dependencies": entry.get("requires") or {}}
            if entry.get("dependencies"):
                waiting.append((inner, entry["dependencies"]))
    lock = _flat(flat)
    # version 1 does not say what the project asks for: whatever nothing else needs
    needed = {other for others in lock.edges.values() for other in others}
    lock.roots = set(lock.components) - needed
    return lock
