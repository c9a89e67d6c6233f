"""pnpm-lock.yaml, versions 5 to 9."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.supply.rules.components import (
    Component,
    Lock,
    LockError,
    integrity,
    is_name,
    is_version,
)
from chalicelib.supply.rules.locks.blocks import block, scalar
from chalicelib.supply.rules.locks.blocks import read as read_blocks

_KINDS = ("dependencies", "optionalDependencies", "devDependencies")
# version 5: /name/1.0.0_peers   6: /name@1.0.0(peers)   9: name@1.0.0(peers)
_OLD = re.compile(r"/(?P<name>@[^/]+/[^/@]+|[^/@]+)/(?P<version>[^/_(]+)[_(]?.*")
_NEW = re.compile(r"/?(?P<name>@[^/]+/[^/@]+|[^/@]+)@(?P<version>[^()]+)(?:\(.*)?")


def read(text: str) -> Lock:
    """The packages of a lock file, and what each workspace asks for."""
    content = read_blocks(text)
    version = str(content.get("lockfileVersion") or "")
    if not version:
        raise LockError("it names no `lockfileVersion`")
    form = _OLD if version.startswith("5") else _NEW
    lock, placed = Lock("npm"), {}
    for key, entry in block(content, "packages").items():
        component = _component(form, key, entry)
        if component is not None:
            placed[_bare(key)] = lock.add(component)
    # version 9 keeps what packages need apart from what they are
    snapshots = block(content, "snapshots") or block(content, "packages")
    for key, entry in snapshots.items():
        one = placed.get(_bare(key))
        for name, wanted in _wanted(entry):
            if one is not None:
                lock.needs(one, _find(placed, name, wanted))
    importers = block(content, "importers") or {".": content}
    for entry in importers.values():
        for name, wanted in _wanted(entry):
            lock.root(_find(placed, name, wanted))
    return lock


def _component(form: re.Pattern[str], key: str, entry: Any) -> Component | None:
    fields = entry if isinstance(entry, dict) else {}
    found = form.fullmatch(key)
    name = fields.get("name") or (found["name"] if found else None)
    version = fields.get("version") or (found["version"] if found else None)
    if not is_name(name) or not is_version(version):
        return None
    if not str(version)[:1].isdigit():  # an address or a file
        version = ""
    hashes = integrity(block(fields, "resolution").get("integrity"))
    optional = "true" in {fields.get("dev"), fields.get("optional")}
    return Component("npm", str(name), str(version), hashes, optional)


def _bare(key: str) -> str:
    """The key of a package without those that it was resolved against."""
    return key.lstrip("/").partition("(")[0]


def _wanted(entry: Any) -> list[tuple[str, str]]:
    found = []
    for kind in _KINDS:
        for name, value in block(entry if isinstance(entry, dict) else {}, kind).items():
            wanted = value.get("version", "") if isinstance(value, dict) else value
            found.append((name, scalar(str(wanted))))
    return found


def _find(placed: dict[str, str], name: str, wanted: str) -> str | None:
    bare = _bare(wanted)
    for key in (f"{name}@{bare}", f"{name}/{wanted}", f"{name}/{bare}", bare, wanted.lstrip("/")):
        if key in placed:
            return placed[key]
    return None
