"""From the events of a YAML parser to plain values, with the line of every key.

An alias stands for all the values behind it, each time it is written; a tag is refused. So neither
an alias bomb nor an object of somebody's choice can come out, whatever goes in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.builds.rules.model import PlanError

MAX_DEPTH = 40
MAX_ALIASES = 20
MAX_NODES = 4_000
Path = tuple[str | int, ...]


def too_complex(file: str, what: str) -> PlanError:
    """The refusal of a file that is no honest configuration."""
    return PlanError(
        "config_too_complex",
        f"{file} {what}.",
        "Keep it to what a build needs, without anchors, tags and generated parts.",
    )


class Tree:
    """Plain values from events, without recursion; a value costs one of a bounded number."""

    def __init__(self, file: str) -> None:
        self.top: Any = None
        self.lines: dict[Path, int] = {}
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = self._aliases = self._documents = 0

    def add(self, event: Any) -> None:
        """Take one event; raises PlanError `config_too_complex`."""
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise too_complex(self._file, "holds more than one document")
        elif kind == "AliasEvent":
            self._alias(event)
        elif kind == "ScalarEvent":
            self._tag(event)
            value = event.value if event.style else _scalar(event.value)
            self._put(value, event, 1)
        elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
            self._tag(event)
            if len(self._open) >= MAX_DEPTH:
                raise too_complex(self._file, f"is nested more than {MAX_DEPTH} deep")
            self._open.append(_Open({} if kind[0] == "M" else [], event))
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            closed = self._open.pop()
            self._put(closed.value, closed.event, 0, closed.size + 1)

    def _tag(self, event: Any) -> None:
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            raise too_complex(self._file, f"has a tag ({str(event.tag)[:60]})")

    def _alias(self, event: Any) -> None:
        self._aliases += 1
        if self._aliases > MAX_ALIASES:
            raise too_complex(self._file, f"has more than {MAX_ALIASES} aliases")
        if event.anchor not in self._anchors:
            raise too_complex(self._file, "has an alias of something that is not complete")
        value, size = self._anchors[event.anchor]
        self._put(value, event, size)

    def _put(self, value: Any, event: Any, cost: int, size: int | None = None) -> None:
        self._nodes += max(cost, 1)
        if self._nodes > MAX_NODES:
            raise too_complex(self._file, f"has more than {MAX_NODES} values")
        size = cost if size is None else size
        anchor = getattr(event, "anchor", None)
        if anchor and type(event).__name__ != "AliasEvent":
            self._anchors[anchor] = (value, size)
        if not self._open:
            self.top = value
            return
        parent = self._open[-1]
        parent.size += size
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif parent.key is None:
            parent.key = ("" if value is None else str(value))[:300]
            path = (*(step.at() for step in self._open[:-1]), parent.key)
            self.lines.setdefault(path, event.start_mark.line + 1)
        else:
            self._set(parent, value)

    def _set(self, parent: _Open, value: Any) -> None:
        key, parent.key = parent.key, None
        if key == "<<" and isinstance(value, dict):
            parent.value.update({k: v for k, v in value.items() if k not in parent.value})
        else:
            parent.value[key] = value


@dataclass
class _Open:
    """A mapping or list that is being read."""

    value: Any
    event: Any
    key: str | None = None
    size: int = 0

    def at(self) -> str | int:
        return len(self.value) if isinstance(self.value, list) else (self.key or "")


def _scalar(text: str) -> str | bool | None:
    lowered = text.lower()
    if lowered in {"", "~", "null"}:
        return None
    return {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(
        lowered, text
    )
