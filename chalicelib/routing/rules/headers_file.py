"""`_headers`: paths, and below each of them the headers that its answers have."""

from __future__ import annotations

from chalicelib.routing.rules.netlify_rules import take_headers
from chalicelib.routing.rules.report import Draft, shown

FILE = "_headers"


def read(draft: Draft, text: str) -> None:
    """Read the blocks of a `_headers` file into the draft."""
    block: tuple[int, str, dict[str, list[str]]] | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("/"):
            if block:
                take_headers(draft, *block)
            block = (number, line, {})
            continue
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or not value.strip():
            draft.fault(
                number, f"{shown(line)} is neither a path nor a header", "Write Name: value."
            )
        elif block is None:
            draft.fault(number, "a header stands before any path", "Write a path above it.")
        else:
            block[2].setdefault(_known(block[2], name.strip()), []).append(value.strip())
    if block:
        take_headers(draft, *block)


def _known(values: dict[str, list[str]], name: str) -> str:
    """The name as it was first written: names of headers have no case."""
    return next((known for known in values if known.lower() == name.lower()), name)
