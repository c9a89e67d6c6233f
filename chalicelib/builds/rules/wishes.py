"""What people asked for, from wherever, and what no shell or environment would take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from chalicelib.builds.rules.model import PlanError, Step

MAX_COMMAND = 4096
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


@dataclass(frozen=True)
class Where:
    """Which deployment is planned: its environment, its branch, whether it is a pull request's."""

    environment: str = "production"
    branch: str | None = None
    pull: bool = False


@dataclass(frozen=True)
class Wishes:
    """What people asked for; None means "find out", empty text means "nothing"."""

    framework: str | None = None
    root: str | None = None
    install: str | None = None
    build: str | None = None
    output: str | None = None
    cache: bool | None = None
    env: dict[str, str] = field(default_factory=dict)
    spa: bool | None = None
    clean_urls: bool | None = None
    node: str | None = None
    python: str | None = None
    watch: list[str] | None = None
    steps: list[Step] | None = None

    def or_else(self, other: Wishes) -> Wishes:
        """These wishes, and the other's where these say nothing."""
        missing = {
            name: getattr(other, name)
            for name in self.__dataclass_fields__
            if name != "env" and getattr(self, name) is None
        }
        return replace(self, env={**other.env, **self.env}, **missing)

    def said(self) -> set[str]:
        """The names of the wishes that were uttered."""
        return {name for name, value in vars(self).items() if value not in (None, {})}


def check_command(value: str, what: str) -> None:
    """Refuse text that no shell would take; raises PlanError."""
    if len(value) > MAX_COMMAND or any(
        (ord(c) < 32 and c not in "\n\t") or ord(c) == 127 for c in value
    ):
        raise PlanError(
            "config_invalid",
            f"{what} is longer than {MAX_COMMAND} characters or has control characters.",
            "Put long commands into a script in the repository.",
        )


def check_env(env: Mapping[str, object], what: str) -> None:
    """Refuse names and values that a build cannot have; raises PlanError."""
    for name, value in env.items():
        if not settable(name) or not isinstance(value, str) or "\0" in value:
            raise PlanError(
                "config_invalid",
                f"{what} cannot set {name[:80]!a}.",
                "Names are letters, digits and _, not PATH or CLOUDDECK_...; values are text.",
            )


def settable(name: str) -> bool:
    """Whether a repository may set this variable."""
    reserved = name == "PATH" or name.startswith("CLOUDDECK_")
    return bool(_NAME.fullmatch(name)) and not reserved
