"""Reading refs. Pure."""

from __future__ import annotations

import re

ZERO = "0" * 40
_COMMIT = re.compile(r"[0-9a-f]{40}\Z|[0-9a-f]{64}\Z")
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|\.$|/$|^/|^\.|^-|/-")
SKIP = re.compile(r"\[(?:skip ci|ci skip|skip deploy)\]", re.IGNORECASE)


def is_commit(text: str) -> bool:
    """Whether `text` is a full object id (SHA-1 or SHA-256)."""
    return bool(_COMMIT.match(text))


def branch_fault(branch: str) -> str:
    """Why a branch name cannot be taken, as a sentence; empty when it can.

    Stricter than git-check-ref-format(1): no leading hyphen in any part, so that a name can
    never be read as an option.
    """
    if not branch or len(branch) > 250:
        return "A branch name has 1 to 250 characters."
    if _BAD_REF.search(branch):
        return f"{branch[:80]!r} is not a branch name that git and we accept."
    return ""


def branch_of(ref: str) -> str | None:
    """Branch of a full ref, or None for tags and everything else."""
    branch = ref.removeprefix("refs/heads/")
    return branch if branch != ref and not branch_fault(branch) else None


def tag_of(ref: str) -> str | None:
    """Tag of a full ref, or None for branches and everything else."""
    tag = ref.removeprefix("refs/tags/")
    return tag if tag != ref and not branch_fault(tag) else None
