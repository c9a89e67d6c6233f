"""What a project may be called, and where it may lie. Pure."""

from __future__ import annotations

import re

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
        "domain",  # at AWS the name `custom--domain` is where customers' domains point
    ]
)
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


def branch_fault(branch: str) -> str:
    """Why a branch cannot be named here, as a sentence; empty when it can.

    Whether git has it, only git knows.
    """
    if not branch or len(branch) > 250:
        return "A branch name has 1 to 250 characters."
    if not branch.isprintable() or any(c in " ~^:?*[\\" for c in branch) or branch.startswith("-"):
        return f"{branch[:80]!r} is not a branch name that git and we accept."
    return ""
