"""Whether an exported audit log is whole, found out here and not asked of anybody.

An entry is one line of JSON; `hash` is the SHA-256 of everything else in it as RFC 8785 writes it,
`prev` the hash of the entry before. docs/audit.md describes the format.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

FIRST = "0" * 64


@dataclass
class Found:
    """What an export holds; `why` is empty when it is whole."""

    entries: int = 0
    first: int = 0
    last: int = 0
    hash: str = ""
    team: str = ""
    broken_at: int | None = None
    why: str = ""


def verify(lines: Iterable[str]) -> Found:
    """Hold every line to its own hash and to the line before it."""
    found = Found()
    for line in lines:
        if line.strip():
            found.why = _step(found, line)
            if found.why:
                found.broken_at = found.broken_at or found.last + 1
                return found
    return found


def _step(found: Found, line: str) -> str:
    try:
        entry = json.loads(line)
        number, sealed = int(entry["sequence"]), str(entry.pop("hash"))
        follows, team = str(entry["prev"]), str(entry["team"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return "This line is no entry."
    found.broken_at = number
    if sha256(canonical(entry).encode()).hexdigest() != sealed:
        return "It was changed: its hash is not the hash of what it says."
    if found.entries and (number, team) != (found.last + 1, found.team):
        missing = number > found.last + 1 and team == found.team
        found.broken_at = found.last + 1
        gone = f"Entries {found.last + 1} to {number - 1} are missing."
        return gone if missing else "It stands in the place of another entry."
    if follows != (found.hash or (FIRST if number == 1 else follows)):
        return "It does not follow the entry before it."
    found.broken_at = None
    found.first, found.last = found.first or number, number
    found.entries, found.hash, found.team = found.entries + 1, sealed, team
    return ""


def canonical(value: Any) -> str:
    """JSON as RFC 8785 writes it."""
    if isinstance(value, dict):
        pairs = sorted(value.items(), key=lambda pair: str(pair[0]).encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(str(k))}:{canonical(v)}" for k, v in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    return _number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _number(value: float) -> str:
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    _, digits, exponent = Decimal(repr(abs(value))).normalize().as_tuple()
    shown = "".join(map(str, digits))
    point = len(shown) + int(exponent)
    if len(shown) <= point <= 21:
        return sign + shown + "0" * (point - len(shown))
    if 0 < point <= 21:
        return f"{sign}{shown[:point]}.{shown[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{shown}"
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return sign + (shown if len(shown) == 1 else f"{shown[0]}.{shown[1:]}") + power
