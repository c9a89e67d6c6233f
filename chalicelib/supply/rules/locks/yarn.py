"""yarn.lock, of Yarn 1 and of Yarn 2 and later (Berry)."""

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

_DESCRIPTOR = re.compile(r"(@[^/@\s]+/[^/@\s]+|[^/@\s]+)@(.+)", re.DOTALL)
_CLASSIC = re.compile(r'^(\s+)("[^"]+"|[^\s"]+)\s+(.+)$')


def read(text: str) -> Lock:
    """The packages of a lock file."""
    if re.search(r"^__metadata:", text, re.MULTILINE):
        return _berry(read_blocks(text))
    if "yarn lockfile v1" in text[:2000] or not text.strip():
        return _linked(_classic(text), text)
    raise LockError("it is of no version of Yarn that we know")


def _classic(text: str) -> dict[str, Any]:
    """Blocks of Yarn 1, which are almost YAML: a key and its value stand apart by a blank."""
    lines = []
    for line in text.splitlines():
        found = _CLASSIC.match(line)
        if found and not line.rstrip().endswith(":"):
            lines.append(f"{found[1]}{found[2]}: {found[3]}")
        elif line[:1] not in {"", " ", "#"} and line.rstrip().endswith(":"):
            key = line.rstrip()[:-1].replace('"', "")
            lines.append(f'"{key}":')
        else:
            lines.append(line)
    return read_blocks("\n".join(lines))


def _name_of(descriptor: str) -> tuple[str, str]:
    """(name, range) of a descriptor; an alias is called by what it stands for."""
    found = _DESCRIPTOR.fullmatch(descriptor.strip())
    if found is None:
        return "", ""
    name, wanted = found[1], found[2]
    if wanted.startswith("npm:"):
        inner = _DESCRIPTOR.fullmatch(wanted[4:])
        if inner is not None and is_name(inner[1]):
            return inner[1], inner[2]
    return name, wanted


def _linked(blocks: dict[str, Any], _text: str) -> Lock:
    lock, placed = Lock("npm"), {}
    for key, entry in blocks.items():
        descriptors = [part.strip() for part in key.split(",")]
        name, version = _name_of(descriptors[0])[0], block(blocks, key).get("version")
        if is_name(name) and is_version(version):
            made = lock.add(Component("npm", name, str(version), integrity(entry.get("integrity"))))
            placed.update(dict.fromkeys(descriptors, made))
    for key, entry in blocks.items():
        one = placed.get(key.split(",")[0].strip())
        for kind in ("dependencies", "optionalDependencies"):
            for name, wanted in block(entry if isinstance(entry, dict) else {}, kind).items():
                if one is not None:
                    lock.needs(one, placed.get(f"{name}@{scalar(str(wanted))}"))
    # Yarn 1 does not write down what the project asks for: whatever nothing else needs
    needed = {other for others in lock.edges.values() for other in others}
    lock.roots = set(lock.components) - needed
    return lock


def _berry(blocks: dict[str, Any]) -> Lock:
    lock, placed, own = Lock("npm"), {}, []
    for key, entry in blocks.items():
        resolution = str(block(blocks, key).get("resolution") or "")
        if "@workspace:" in resolution:
            own.append(entry)
            continue
        name, _ = _name_of(resolution)
        version = block(blocks, key).get("version")
        if is_name(name) and is_version(version):
            made = lock.add(Component("npm", name, str(version)))
            placed.update({part.strip(): made for part in key.split(",")})
    for key, entry in blocks.items():
        one = placed.get(key.split(",")[0].strip())
        for name, wanted in block(entry if isinstance(entry, dict) else {}, "dependencies").items():
            if one is not None:
                lock.needs(one, _berry_find(placed, name, scalar(str(wanted))))
    for entry in own:
        for kind in ("dependencies", "devDependencies"):
            for name, wanted in block(entry, kind).items():
                lock.root(_berry_find(placed, name, scalar(str(wanted))))
    return lock


def _berry_find(placed: dict[str, str], name: str, wanted: str) -> str | None:
    return placed.get(f"{name}@{wanted}") or placed.get(f"{name}@npm:{wanted}")
