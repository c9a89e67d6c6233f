"""How the copy of an ecosystem's advisories is kept: a head, the names it knows, 256 parts.

Most packages of a project are in no advisory, so the names come first, as 8 bytes of SHA-256
each: only for those that are among them a part is read.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from typing import Any

from chalicelib.supply.rules.osv import Advisory

_DIGEST = 8
PARTS = [f"{number:02x}" for number in range(256)]


def head_key(ecosystem: str) -> str:
    """Where the head of a copy lives: which generation, as of when."""
    return f"osv/{ecosystem}.json"


def names_key(ecosystem: str, generation: str) -> str:
    """Where the names of a copy live."""
    return f"osv/{ecosystem}/{generation}/names"


def part_key(ecosystem: str, generation: str, part: str) -> str:
    """Where one of the parts of a copy lives."""
    return f"osv/{ecosystem}/{generation}/{part}.json"


def incoming_key(identifier: str) -> str:
    """Where an export arrives."""
    return f"osv/incoming/{identifier}.zip"


def part_of(name: str) -> str:
    """The part that a package is in."""
    return _digest(name)[:1].hex()


def pack_names(names: list[str]) -> bytes:
    """The names of a copy, sorted by their hashes."""
    return b"".join(sorted(_digest(name) for name in names))


def holds(packed: bytes, name: str) -> bool:
    """Whether a name is among those of a copy."""
    wanted = _digest(name)
    count = len(packed) // _DIGEST
    place = bisect_left(range(count), wanted, key=lambda n: packed[n * _DIGEST : (n + 1) * _DIGEST])
    return packed[place * _DIGEST : (place + 1) * _DIGEST] == wanted


def pack_parts(packages: dict[str, list[Advisory]]) -> dict[str, bytes]:
    """The parts of a copy, by name; each package with its advisories."""
    parts: dict[str, dict[str, Any]] = {}
    for name, advisories in packages.items():
        parts.setdefault(part_of(name), {})[name] = [a.to_json() for a in advisories]
    return {
        part: json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
        for part, content in parts.items()
    }


def read_part(raw: bytes) -> dict[str, list[Advisory]]:
    """The packages of a part."""
    return {
        name: [Advisory.from_json(kept) for kept in advisories]
        for name, advisories in json.loads(raw).items()
    }


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:_DIGEST]
