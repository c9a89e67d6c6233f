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
_PAIR = re.compile(
    r"""(?:'(?P<single>(?:[^']|'')*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s'"#-][^\n]*?|-[^\s][^\n]*?))"""
    r"""\s*:(?:\s+(?P<value>.*))?$"""
)
_FLOW = re.compile(r"""\s*([\w.-]+)\s*:\s*('[^']*'|"[^"]*"|[^,{}]*)""")


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
        found = _PAIR.fullmatch(inner)
        if found is None:
            continue  # the rest of a text that goes over several lines
        key = found["single"] or found["double"] or found["plain"] or ""
        value = (found["value"] or "").strip()
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


def _flow(text: str) -> dict[str, str]:
    return {name: scalar(value) for name, value in _FLOW.findall(text.strip("{}"))}


def block(holder: dict[str, Any], *names: str) -> dict[str, Any]:
    """A block within blocks; an empty one where there is none."""
    found: Any = holder
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
