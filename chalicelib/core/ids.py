"""Ids: a prefix and a ULID in lower-case Crockford base32, sortable by the time of making.

Source: the ULID specification (48 bits of milliseconds, 80 bits of randomness).
"""

from __future__ import annotations

import hashlib
import re
import secrets

from chalicelib.core import clock

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_SHAPE = re.compile(r"[a-z]{2,6}_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")


def ulid(ms: int | None = None, seed: str | None = None) -> str:
    """26 characters; with a `seed` the random part is its hash: same call, same id."""
    moment = clock.now_ms() if ms is None else ms
    tail = hashlib.sha256(seed.encode()).digest()[:10] if seed else secrets.token_bytes(10)
    number = (moment << 80) | int.from_bytes(tail, "big")
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def new(prefix: str, ms: int | None = None, seed: str | None = None) -> str:
    """A new id such as `dpl_01k…`; deterministic when both `ms` and `seed` are given."""
    return f"{prefix}_{ulid(ms, seed)}"


def is_id(text: str, prefix: str) -> bool:
    """Whether `text` has the shape of an id with this prefix."""
    return text.startswith(prefix + "_") and bool(_SHAPE.match(text))


def label(identifier: str) -> str:
    """The part after the prefix, fit for a host name."""
    return identifier.partition("_")[2]


def moment(identifier: str) -> int:
    """When an id was made, in milliseconds since 1970; 0 for what is no ULID."""
    if not is_id(identifier, identifier.partition("_")[0]):
        return 0
    number = 0
    for character in label(identifier)[:10]:
        number = number << 5 | _ALPHABET.index(character)
    return number
