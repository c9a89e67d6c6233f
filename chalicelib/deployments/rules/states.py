"""The life of a deployment as a table. Pure."""

from __future__ import annotations

from dataclasses import dataclass

ORDER = (
    "queued",
    "preparing",
    "building",
    "packaging",
    "publishing",
    "verifying",
    "promoting",
)
TERMINAL = frozenset({"ready", "failed", "cancelled", "superseded"})
STATES = (*ORDER, "ready", "failed", "cancelled", "superseded")

STAGES = ("prepare", "build", "package", "publish", "verify", "promote")
"""What a person sees; one stage per state between queued and ready."""

STAGE_OF = {
    "preparing": "prepare",
    "building": "build",
    "packaging": "package",
    "publishing": "publish",
    "verifying": "verify",
    "promoting": "promote",
}


def may_become(state: str, new: str) -> bool:
    """Whether a deployment in `state` may change to `new`.

    Forwards along the line (a prebuilt deployment leaves stages out), to the same state again
    (a step that is repeated), and from anywhere on the line to failed, cancelled or superseded.
    A terminal state is for ever.
    """
    if state in TERMINAL:
        return False
    if new == "ready":
        return state == "promoting"
    if new in TERMINAL:
        return True
    return ORDER.index(new) >= ORDER.index(state)


def states_before(new: str) -> list[str]:
    """All states from which `new` can be reached."""
    return [state for state in STATES if may_become(state, new)]


@dataclass(frozen=True)
class Move:
    """Where the production pointer is, as far as the rule of moving needs it."""

    sequence: int
    pinned: bool


def may_promote(pointer: Move | None, sequence: int) -> str:
    """Why a finished push may not go live by itself: `pinned`, `older`, or empty when it may."""
    if pointer is None:
        return ""
    if pointer.pinned:
        return "pinned"
    if sequence <= pointer.sequence:
        return "older"
    return ""


FAULTS = {
    "commit_not_found": "you",
    "commit_unsigned": "you",
    "repo_access_denied": "you",
    "repo_not_found": "you",
    "repository_replaced": "you",
    "git_url_not_allowed": "you",
    "host_key_changed": "you",
    "source_failed": "you",
    "source_too_large": "you",
    "source_rejected": "you",
    "file_list_missing": "you",
    "file_list_changed": "you",
    "output_rejected": "you",
    "output_missing": "you",
    "schedules_invalid": "you",
    "rules_invalid": "you",
    "rules_too_large": "you",
    "blob_missing": "platform",
    "smoke_failed": "platform",
    "pipeline_fault": "platform",
}
"""Whose fault a failure of the platform's own steps is."""


def failure(code: str, message: str, hint: str = "", fault: str | None = None) -> dict[str, str]:
    """A failure as it is kept and shown."""
    return {
        "code": code,
        "message": message[:4000],
        "hint": hint[:4000],
        "fault": fault or FAULTS.get(code, "platform"),
    }
