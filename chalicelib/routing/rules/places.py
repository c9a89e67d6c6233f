"""On which lines the entries of JSON lists stand."""

from __future__ import annotations

import re

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|[{}\[\],\n]')


def of_entries(text: str, name: str) -> list[int]:
    """The line of each object in the list `name` at the top of a JSON document that was read."""
    lines: list[int] = []
    depth, line, expected = 0, 1, False
    inside = False
    last = ""
    for found in _TOKEN.finditer(text):
        piece = found[0]
        if piece == "\n":
            line += 1
            continue
        if piece in "{[":
            depth += 1
            if depth == 2 and piece == "[" and last == f'"{name}"':
                inside = expected = True
            elif depth == 3 and inside and expected:
                lines.append(line)
                expected = False
        elif piece in "}]":
            inside = inside and depth > 2
            depth -= 1
        elif piece == "," and depth == 2:
            expected = inside
        last = piece
    return lines
