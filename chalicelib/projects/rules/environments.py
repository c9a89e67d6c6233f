"""Environments of a project: what they may be called, and to which target they belong. Pure."""

from __future__ import annotations

import re

BUILT_IN = ("production", "preview", "development")
"""Nothing is deployed to `development`: its variables are for a person's own machine."""

DEPLOYED = ("production", "preview")
SCOPES = ("all", *BUILT_IN)
"""Where a variable may belong before anybody has made an environment."""

CUSTOM_MAX = 20
DESCRIPTION_MAX = 200
NONE = "none"
"""In a rule about branches or tags: nothing is deployed."""

_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?\Z")
_TAKEN = frozenset({*SCOPES, NONE, "any", "system", "custom", "branch"})
_PULL = re.compile(r"pr-?\d+\Z")


def name_fault(name: str) -> str:
    """Why an environment cannot be called that, as a sentence; empty when it can."""
    if not _NAME.match(name) or "--" in name:
        return (
            "An environment has 1 to 20 of a-z, 0-9 and single hyphens, begins with a letter and "
            "ends with a letter or a digit."
        )
    if name in _TAKEN:
        return f"{name!r} has a meaning of its own here."
    if _PULL.match(name):
        return "pr-<number> is the address of a pull request."
    return ""


def is_custom(name: str) -> bool:
    """Whether an environment is one that somebody made."""
    return name not in SCOPES and not name_fault(name)


def target_of(environment: str) -> str:
    """`production` or `preview`: only a deployment of the former moves the production pointer."""
    return "production" if environment == "production" else "preview"
