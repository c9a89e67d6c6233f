"""Point at the place in a file where something is wrong."""

from __future__ import annotations

WIDTH = 100


def pointed(file: str, text: str, line: int, column: int, what: str) -> str:
    """`file:line:column: what`, then the line itself and a caret below the column."""
    lines = text.split("\n")
    shown = lines[line - 1].rstrip("\r") if 0 < line <= len(lines) else ""
    start = max(0, column - WIDTH // 2) if len(shown) > WIDTH else 0
    cut = "".join(c if c.isprintable() else " " for c in shown[start : start + WIDTH])
    margin = f"{line} | "
    caret = " " * (len(margin) + max(0, column - 1 - start)) + "^"
    return f"{file}:{line}:{column}: {what.rstrip('.')}.\n{margin}{cut}\n{caret}"
