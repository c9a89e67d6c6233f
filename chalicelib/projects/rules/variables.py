"""What a variable may be called and hold, and which one of several a build sees. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from chalicelib.projects.rules import environments

VALUE_MAX = 32_768
VARIABLES_MAX = 500
WHEN = ("build", "run", "both")
When = Literal["build", "run"]

_RESERVED_NAMES = frozenset(
    {
        *("PATH", "HOME", "SHELL", "USER", "LOGNAME", "PWD", "TMPDIR", "IFS", "ENV", "BASH_ENV"),
        *("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "PYTHONPATH", "PYTHONHOME", "NODE_OPTIONS"),
        *("CI", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    }
)
_RESERVED_PREFIXES = ("AWS_", "CLOUDDECK", "DYLD_", "LAMBDA_", "GIT_")
_ADDRESSES = frozenset({"effective", "import"})
"""`/env/effective` and `/env/import` are addresses of the API, so they name no variable."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")


def variable_fault(name: str, value: str) -> tuple[str, str]:
    """(code, sentence) when a variable cannot be kept; two empty texts when it can."""
    if not _NAME.match(name):
        return "invalid_env_name", "A name is letters, digits and _, and begins with no digit."
    upper = name.upper()
    if upper in _RESERVED_NAMES or upper.startswith(_RESERVED_PREFIXES):
        return "reserved_env", f"{name} belongs to the platform or to the shell."
    if name in _ADDRESSES:
        return "reserved_env", f"{name} is an address of the API; write it in capitals."
    if len(value.encode("utf-8", "surrogatepass")) > VALUE_MAX:
        return "env_too_large", f"The value has over {VALUE_MAX} bytes."
    if "\x00" in value:
        return "invalid_env_value", "A value holds no NUL."
    return "", ""


def scope_fault(environment: str, branch: str) -> str:
    """Why a variable cannot belong to a branch of an environment; empty when it can."""
    if branch and (environment == "preview" or environments.is_custom(environment)):
        return ""
    if branch:
        return "Only preview and environments of your own tell branches apart."
    return ""


@dataclass(frozen=True)
class Variable:
    """One variable as a build sees it; `branch` is empty when it counts for every one."""

    name: str
    value: str
    environment: str
    secret: bool
    branch: str = ""


class Scoped(Protocol):
    """A variable, or its row: where it belongs and when it is there."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def environment(self) -> str:
        """`all` or the name of an environment."""

    @property
    def branch(self) -> str:
        """A branch of the environment, or an empty text."""

    @property
    def when(self) -> str:
        """`build`, `run` or `both`."""


S = TypeVar("S", bound=Scoped)


def layers(
    variables: Iterable[S], environment: str, branch: str = "", when: When = "build"
) -> dict[str, list[S]]:
    """Per name what an environment's build (or its running site) finds: the one that counts first,
    then those that it stands before.

    One for a branch of the environment stands before one of the environment, and that before one
    of `all`.
    """
    scopes = [(environment, branch), (environment, ""), ("all", "")]
    order = {scope: place for place, scope in reversed(list(enumerate(scopes)))}
    found: dict[str, list[S]] = {}
    for variable in variables:
        if variable.when in {when, "both"} and (variable.environment, variable.branch) in order:
            found.setdefault(variable.name, []).append(variable)
    for several in found.values():
        several.sort(key=lambda one: order[one.environment, one.branch])
    return found


def source(variable: Scoped) -> str:
    """Which layer a variable is of: `all`, `environment` or `branch`."""
    if variable.environment == "all":
        return "all"
    return "branch" if variable.branch else "environment"
