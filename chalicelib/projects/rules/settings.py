"""Settings of builds: which versions and patterns can be asked for, and what holds a build up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.projects.rules import glob

WATCH_MAX = 50
Action = Literal["off", "warn", "block"]
Severity = Literal["low", "medium", "high", "critical"]
Size = Literal["small", "medium", "large"]

_VERSION = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4}){0,2}\Z")


@dataclass(frozen=True)
class Gate:
    """What known vulnerabilities from a severity on, and secrets in the output, do to a build."""

    vulnerabilities: Action = "warn"
    severity: Severity = "high"
    secrets: Action = "block"


def gate(settings: Mapping[str, Any] | None) -> Gate:
    """The gate of a project's build settings, with every default filled in."""
    given = (settings or {}).get("gate") or {}
    known = Gate.__dataclass_fields__
    return Gate(**{name: value for name, value in given.items() if name in known and value})


def check_version(text: str) -> str:
    """A version of a language; raises ValueError with the rule."""
    if not _VERSION.match(text):
        raise ValueError("A version is numbers such as 20, 20.11 or 3.12.4.")
    return text


def check_watch(patterns: list[str]) -> list[str]:
    """Patterns of paths that a build depends on; raises ValueError with the rule."""
    if len(patterns) > WATCH_MAX:
        raise ValueError(f"At most {WATCH_MAX} patterns.")
    for pattern in patterns:
        fault = glob.fault(pattern)
        if fault:
            raise ValueError(fault)
        if ".." in pattern.split("/") or "\\" in pattern:
            raise ValueError("A pattern is relative to the repository and has no .. in it.")
    return patterns
