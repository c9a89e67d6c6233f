"""What an entry shows of a change: no secrets, nothing endless, nothing that is no JSON."""

from __future__ import annotations

import re
from typing import Any

from chalicelib.audit.rules.canonical import EXACT, canonical

LONGEST = 4096
"""Bytes of `before` and of `after`, as canonical JSON."""

HIDDEN = "(not shown)"
_HALF = re.compile("[\ud800-\udfff]")
_SECRET = re.compile(
    r"secret|token|passw|passphrase|credential|recovery|private_?key|api_?key|access_?key|"
    r"authorization|cookie|verifier|saml_?response|relay_?state|signature|seed|otp\b|^code$|^pin$",
    re.IGNORECASE,
)
_DEEPEST = 8
_MANY = 200
_SHOWN = 200


def shown(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields as an entry holds them: cleaned, then cut to `LONGEST` with a note.

    Fields marked as write-only never get here; names that sound like a secret are the second net.
    """
    return _cut({_plain_text(str(name)): _clean(name, value, 0) for name, value in fields.items()})


def sounds_secret(name: str) -> bool:
    """Whether a field of this name may hold something that nobody should read."""
    return bool(_SECRET.search(name))


def plain(text: str, longest: int) -> str:
    """A text without halves of surrogate pairs, cut."""
    return _plain_text(text)[:longest]


def _plain_text(text: str) -> str:
    return _HALF.sub("\ufffd", text)


def _clean(name: object, value: Any, depth: int) -> Any:
    if isinstance(value, bool) or value is None:
        return value  # `"secret": true` says that there is one, not which
    if sounds_secret(str(name)):
        return HIDDEN
    if isinstance(value, dict | list | tuple | set | frozenset):
        return _inside(value, depth + 1) if depth < _DEEPEST else "…"
    if isinstance(value, int | float) and abs(value) <= EXACT:
        return value
    return _plain_text(str(value))


def _inside(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        pairs = list(value.items())[:_MANY]
        return {_plain_text(str(key)): _clean(key, item, depth) for key, item in pairs}
    found = [_clean("", item, depth) for item in list(value)[:_MANY]]
    return [*found, f"… {len(value)} in all"] if len(value) > _MANY else found


def _cut(fields: dict[str, Any]) -> dict[str, Any]:
    sizes = {name: len(canonical(value)) for name, value in fields.items()}
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        if _size(fields) <= LONGEST:
            return fields
        text = canonical(fields[name]).decode()
        if len(text) > _SHOWN:
            fields[name] = f"{text[:_SHOWN]}… (cut: {sizes[name]} bytes in all)"
    kept: dict[str, Any] = {}
    for name, value in fields.items():
        note = {"…": f"cut: {len(fields) - len(kept)} more fields"}
        if _size({**kept, name: value, **note}) > LONGEST:
            return {**kept, **note}
        kept[name] = value
    return kept


def _size(fields: dict[str, Any]) -> int:
    return len(canonical(fields))
