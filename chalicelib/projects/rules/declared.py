"""Schedules that a repository declares: `[[schedules]]` of clouddeck.toml. Pure.

They belong to the release: those of what is live are in force, and deploy the production branch.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.projects.rules import cron

FILE = "clouddeck.toml"
DECLARED_MAX = 20
NAME_MAX = 100
_KEYS = {"name": str, "cron": str, "timezone": str, "enabled": bool}


@dataclass(frozen=True, slots=True)
class Declared:
    """A schedule as a release has it."""

    name: str
    cron: str
    timezone: str = "UTC"

    def told(self) -> dict[str, str]:
        """As the row of a release and the API have it."""
        return {"name": self.name, "cron": self.cron, "timezone": self.timezone}


class DeclaredError(ValueError):
    """What is wrong with a declared schedule, and where, in a sentence."""


def read(text: str) -> list[Declared]:
    """The schedules of a clouddeck.toml that are enabled, by name; raises DeclaredError."""
    try:
        given = tomllib.loads(text).get("schedules", [])
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise DeclaredError(f"{FILE} is no TOML: {str(error)[:200]}.") from None
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise DeclaredError(f"{FILE}: write [[schedules]], with two brackets, above each.")
    if len(given) > DECLARED_MAX:
        raise DeclaredError(f"{FILE}: at most {DECLARED_MAX} [[schedules]].")
    found: dict[str, Declared] = {}
    for number, one in enumerate(given, start=1):
        schedule = _one(f"{FILE}, [[schedules]] number {number}", one)
        if schedule.name in found:
            raise DeclaredError(f"{FILE}: two [[schedules]] are called {schedule.name!r}.")
        if one.get("enabled", True):
            found[schedule.name] = schedule
    return [found[name] for name in sorted(found)]


def _one(where: str, given: Mapping[str, Any]) -> Declared:
    for name, value in given.items():
        if name not in _KEYS:
            raise DeclaredError(f"{where}: {name[:40]!r} is none of {', '.join(_KEYS)}.")
        if not isinstance(value, _KEYS[name]):
            raise DeclaredError(f"{where}: `{name}` is a {_KEYS[name].__name__}.")
    if "name" not in given or "cron" not in given:
        raise DeclaredError(f"{where}: `name` and `cron` are needed.")
    name = str(given["name"])
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        raise DeclaredError(f"{where}: a name has 1 to {NAME_MAX} printable characters.")
    schedule = Declared(name, str(given["cron"]), str(given.get("timezone", "UTC")))
    try:
        cron.parse(schedule.cron)
        cron.zone_of(schedule.timezone)
    except cron.CronError as error:
        raise DeclaredError(f"{where}: {error.field}: {error.detail}") from None
    return schedule
