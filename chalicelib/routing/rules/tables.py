"""Values out of a TOML file, each of the kind that it has to be; raises RuleError."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.routing.rules.report import RuleError, shown

Table = dict[str, Any]


def text(table: Table, key: str, example: str, default: str | None = None) -> str:
    """A text that is not empty."""
    found = table.get(key, default)
    if not isinstance(found, str) or (not found and found != default):
        raise RuleError(f"{key} must be text", f'Write {key} = "{example}".')
    return found


def flag(table: Table, key: str, default: bool) -> bool:  # as get() has it
    """True or false."""
    found = table.get(key, default)
    if not isinstance(found, bool):
        raise RuleError(
            f"{key} must be true or false", f"Write {key} = {str(not default).lower()}."
        )
    return found


def number(table: Table, key: str, default: int, least: int, most: int) -> int:
    """A whole number between two others."""
    found = table.get(key, default)
    if type(found) is not int or not least <= found <= most:
        raise RuleError(
            f"{key} must be a number from {least} to {most}", f"Write {key} = {default}."
        )
    return found


def texts(table: Table, key: str, example: str) -> list[str]:
    """A text or a list of texts, as a list."""
    found = table.get(key, [])
    several = [found] if isinstance(found, str) else found
    if not isinstance(several, list) or not all(isinstance(one, str) and one for one in several):
        raise RuleError(f"{key} must be a list of texts", f'Write {key} = ["{example}"].')
    return several


def pairs(table: Table, key: str, example: str) -> dict[str, str]:
    """Names with texts."""
    found = table.get(key, {})
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        raise RuleError(f"{key} must be names with texts", f"Write {key} = {{ {example} }}.")
    return found


def unknown(table: Table, known: Iterable[str], what: str) -> None:
    """Raise for a key that nothing reads: what was meant by it may be what matters."""
    import difflib

    names = list(known)
    for key in table:
        if key not in names:
            near = difflib.get_close_matches(str(key)[:80], names, n=1)
            meant = f"Did you mean {near[0]}?" if near else f"It has {', '.join(names)}."
            raise RuleError(f"nothing reads {shown(str(key))!r} in {what}", meant)
