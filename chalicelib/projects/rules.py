"""What a project may be called, and what a variable may hold. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

SLUG_MAX = 35
"""`<26 characters>--<slug>` is one DNS label, and a label has at most 63 characters."""

RESERVED_SLUGS = frozenset(
    [
        "api",
        "www",
        "app",
        "admin",
        "console",
        "docs",
        "git",
        "live",
        "mail",
        "status",
        "static",
        "assets",
        "cdn",
        "edge",
        "auth",
        "login",
        "localhost",
        "test",
        "example",
        "clouddeck",
    ]
)
ENVIRONMENTS = ("all", "production", "preview", "development")
VALUE_MAX = 32_768
VARIABLES_MAX = 500

_RESERVED_NAMES = frozenset(
    [
        "PATH",
        "HOME",
        "SHELL",
        "USER",
        "LOGNAME",
        "PWD",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
        "PYTHONPATH",
        "PYTHONHOME",
        "NODE_OPTIONS",
        "CI",
        "TMPDIR",
        "IFS",
        "ENV",
        "BASH_ENV",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
    ]
)
_RESERVED_PREFIXES = ("AWS_", "CLOUDDECK", "DYLD_", "LAMBDA_", "GIT_")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\Z")


def slug_fault(slug: str) -> str:
    """Why `slug` cannot name a site, as a sentence; empty when it can."""
    if not slug or len(slug) > SLUG_MAX:
        return f"A project name has 1 to {SLUG_MAX} characters in its address."
    if not _SLUG.match(slug):
        return "Use a-z, 0-9 and single hyphens; begin and end with a letter or a digit."
    if "--" in slug:
        return "Two hyphens in a row separate a deployment from its project; use one."
    if slug in RESERVED_SLUGS:
        return f"{slug!r} is reserved."
    return ""


def slug_of(name: str) -> str:
    """The slug that a name suggests."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return plain[:SLUG_MAX].strip("-")


def check_folder(folder: str) -> str:
    """A folder inside a repository; raises ValueError with the rule."""
    if folder.startswith("/") or "\\" in folder or ".." in folder.split("/"):
        raise ValueError("A folder is relative to the repository and has no .. in it.")
    return folder


def variable_fault(name: str, value: str) -> tuple[str, str]:
    """(code, sentence) when a variable cannot be kept; two empty texts when it can."""
    if not _NAME.match(name):
        return "invalid_env_name", "A name is letters, digits and _, and begins with no digit."
    upper = name.upper()
    if upper in _RESERVED_NAMES or upper.startswith(_RESERVED_PREFIXES):
        return "reserved_env", f"{name} belongs to the platform or to the shell."
    if len(value.encode()) > VALUE_MAX:
        return "env_too_large", f"The value has over {VALUE_MAX} bytes."
    if "\x00" in value:
        return "invalid_env_value", "A value holds no NUL."
    return "", ""


@dataclass(frozen=True)
class Variable:
    """One variable as a build sees it."""

    name: str
    value: str
    environment: str
    secret: bool


def effective(variables: list[Variable], environment: str) -> dict[str, Variable]:
    """The variables of one environment: its own before those of `all`."""
    chosen: dict[str, Variable] = {}
    for wanted in ("all", environment):
        for variable in variables:
            if variable.environment == wanted:
                chosen[variable.name] = variable
    return chosen
