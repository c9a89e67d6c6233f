"""Reading JSON that a host sent: every field is of the kind that we expect, or it is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chalicelib.git.providers import Delivery
from chalicelib.git.rules import ZERO, PullRequest, Push, Tag, branch_fault, is_commit

MESSAGE, TITLE, NAME = 4096, 300, 200
"""Characters that are kept of a commit's message, of a title and of a name."""

MAX_CHANGES = 100
"""Refs of one push that are looked at; hosts do not send more than that."""


def parse(body: bytes) -> dict[str, Any]:
    """The object in a body; raises ValueError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("the body is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("the body is not a JSON object")
    return found


def at(data: Any, *path: str) -> Any:
    """What is at a path of keys, or None as soon as there is nothing."""
    for key in path:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def text(data: Any, *path: str, most: int = NAME) -> str:
    """The text at a path, cut to `most` characters; empty when there is none."""
    found = at(data, *path)
    return found[:most] if isinstance(found, str) else ""


def needed(data: Any, *path: str) -> str:
    """The text at a path; raises ValueError when there is none."""
    found = at(data, *path)
    if not isinstance(found, str) or not found or len(found) > 1000:
        raise ValueError(f"{'.'.join(path)} is missing")
    return found


def number(data: Any, *path: str) -> int:
    """The whole number above 0 at a path; raises ValueError when there is none."""
    found = at(data, *path)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < 2**53:
        raise ValueError(f"{'.'.join(path)} is not a number")
    return found


def commit(data: Any, *path: str) -> str:
    """The commit id at a path; raises ValueError when there is none."""
    found = needed(data, *path)
    if not is_commit(found):
        raise ValueError(f"{'.'.join(path)} is not a commit id")
    return found


def items(data: Any, *path: str) -> list[Any]:
    """The list at a path, at most MAX_CHANGES of it; empty when there is none."""
    found = at(data, *path)
    return found[:MAX_CHANGES] if isinstance(found, list) else []


def moved(
    ref: str, new: str, *, project: str, provider: str, sequence: int, bot: bool, **told: str
) -> Push | Tag | None:
    """The event of a full ref that is at `new` now; None when it is gone or not of interest.

    `bot` says that a program pushed; `told` may hold `pusher`, `message` and `previous`. Raises
    ValueError for a `new` that is no commit id.
    """
    if set(new) == {"0"} or not new:
        return None
    if not is_commit(new):
        raise ValueError("a ref points at what is no commit id")
    pusher, message = told.get("pusher", "")[:NAME], told.get("message", "")[:MESSAGE]
    kind, _, name = ref.removeprefix("refs/").partition("/")
    if branch_fault(name):
        return None
    if kind == "heads":
        previous = told.get("previous", "")
        previous = previous if is_commit(previous) and set(previous) != {"0"} else ""
        return Push(project, name, new, sequence, pusher, message, provider, previous, bot)
    if kind == "tags":
        return Tag(project, name, new, sequence, pusher, message, provider)
    return None


def delivery(
    identifier: str,
    repository: str,
    events: Iterable[Push | Tag | PullRequest | None],
    *,
    otherwise: str = "ignored",
    installation: str = "",
) -> Delivery:
    """A delivery of these events; its kind is that of the first, or `otherwise`."""
    found = tuple(event for event in events if event is not None)
    kind = _KINDS[type(found[0])] if found else otherwise
    return Delivery(identifier, repository, kind, found, installation)


def gone(new: str) -> bool:
    """Whether a ref that is at `new` now was deleted."""
    return not new or set(new) == {"0"} or new == ZERO


_KINDS: dict[type, str] = {Push: "push", Tag: "tag", PullRequest: "pull_request"}
