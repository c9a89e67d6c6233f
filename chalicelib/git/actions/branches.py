"""A branch or commit that somebody named and that is nowhere: what to tell them."""

from __future__ import annotations

from difflib import get_close_matches

from chalicelib.core.errors import Conflict, Invalid, NotFound, Problem
from chalicelib.git.actions.confirm import heads
from chalicelib.git.rules import branch_fault, is_commit
from chalicelib.ports import services


def unknown(project: str, reference: str) -> Problem:
    """The problem of a reference that neither the host nor the built-in remote knows: Invalid for
    what cannot be a branch, NotFound with the branch that is nearest, Conflict for a commit."""
    if is_commit(reference):
        return Conflict(
            "commit_not_found",
            f"No source of commit {reference[:12]} is here.",
            hint="Push it first, or upload with `deck deploy`.",
        )
    fault = branch_fault(reference)
    if fault:
        return Invalid("invalid_branch", fault, hint="Name a branch as git does.")
    near = get_close_matches(reference, _branches(project), n=1, cutoff=0.5)
    return NotFound(
        "branch_not_found",
        f"There is no branch {reference[:80]!r} in the repository.",
        hint=f"Did you mean {near[0]!r}?" if near else "Push it first, or name another one.",
    )


def _branches(project: str) -> list[str]:
    """Those of the host, as far as it answers, and of the built-in remote."""
    try:
        there = list(heads(project))
    except (Problem, OSError):
        there = []
    return [*there, *(head.branch for head in services().repositories.heads(project))]
