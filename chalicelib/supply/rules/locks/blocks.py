"""The part of YAML that pnpm and Yarn write into lock files: nested blocks of `key: value`.

A lock file has up to 10 MB, which a general reader of YAML takes half a minute for, and it comes
from strangers: there are no anchors, tags or types here, every value is a text, and a line is
looked at once.
"""

from __future__ import annotations

import re
from typing import Any

from chalicelib.supply.rules.components import LockError

_MAX_DEPTH = 20
_QUOTED = re.compile(r"""'((?:[^']|'')*+)'|"((?:[^"\\]|\\.)*+)\"""")


def read(text: str) -> dict[str, Any]:
    """Nested dictionaries; entries of lists stand under their place as a text."""
    top: dict[str, Any] = {}
    open_: list[tuple[int, dict[str, Any]]] = [(-1, top)]
    asked = ""  # a key too long for one line: `? key` and `: value` below it
    for line in text.splitlines():
        inner = line.strip()
        if not inner or inner[0] == "#" or inner == "---":
            continue
        depth = len(line) - len(line.lstrip(" "))
        while depth <= open_[-1][0]:
            open_.pop()
        holder = open_[-1][1]
        if inner.startswith("- "):
            holder[str(len(holder))] = scalar(inner[2:])
            continue
        if inner.startswith("? "):
            asked = inner[2:].strip()
            continue
        if asked and inner.startswith(":"):
            inner, asked = f"{asked}{inner}", ""
        found = _pair(inner)
        if found is None:
            continue  # the rest of a text that goes over several lines
        key, value = found
        if value and not value.startswith("#"):
            holder[key] = _flow(value) if value.startswith("{") else scalar(value)
            continue
        if len(open_) > _MAX_DEPTH:
            raise LockError("it is nested too deeply")
        holder[key] = {}
        open_.append((depth, holder[key]))
    return top


def scalar(text: str) -> str:
    """A value without its quotes."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1]
    return text


def _pair(line: str) -> tuple[str, str] | None:
    """The key and the value of a line; None for one that is no pair."""
    quoted = _QUOTED.match(line)
    if quoted is not None:
        key, rest = quoted[1] or quoted[2] or "", line[quoted.end() :].lstrip()
        return (key, rest[1:].strip()) if rest.startswith(":") else None
    key, colon, value = line.partition(": ")
    if not colon:
        key, value = line.removesuffix(":"), ""
        if key == line:
            return None
    return key.rstrip(), value.strip()


def _flow(text: str) -> dict[str, str]:
    """A block on one line, `{integrity: ..., tarball: ...}`."""
    pairs = (part.partition(":") for part in text.strip("{}").split(","))
    return {name.strip(): scalar(value) for name, _, value in pairs}


def block(holder: dict[str, Any], *names: str) -> dict[str, Any]:
    """A block within blocks; an empty one where there is none."""
    found: Any = holder
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
