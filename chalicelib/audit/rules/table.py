"""Entries as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.audit.rules.canonical import canonical

COLUMNS = (
    *("sequence", "id", "at", "recorded_at", "action", "outcome", "resource", "of", "label"),
    *("actor_kind", "actor_id", "actor_user", "actor_ip", "actor_agent", "actor_credential"),
    *("before", "after", "prev", "hash"),
)
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet take a cell for a formula."""


def csv(entries: Iterable[dict[str, Any]], *, heading: bool) -> str:
    """Rows that end with CRLF; `heading` puts the names of the columns first."""
    rows = [[_value(entry, column) for column in COLUMNS] for entry in entries]
    return "".join(_row(row) for row in ([list(COLUMNS), *rows] if heading else rows))


def _value(entry: dict[str, Any], column: str) -> str:
    if column.startswith("actor_"):
        return str(entry.get("actor", {}).get(column.removeprefix("actor_"), ""))
    value = entry.get(column, "")
    return canonical(value).decode() if isinstance(value, dict) else str(value)


def _row(cells: list[str]) -> str:
    return ",".join(_cell(cell) for cell in cells) + "\r\n"


def _cell(text: str) -> str:
    if text.startswith(_DANGEROUS):
        text = f"'{text}"
    if any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
