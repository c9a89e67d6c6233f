"""Why a deployment that is ready is not live by itself. Pure.

Whatever is said first holds it: a lock, a pin, a freeze, approvals that are missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.core import clock
from chalicelib.projects.rules.delivery import Approvers, Delivery
from chalicelib.projects.rules.freezes import frozen

Because = Literal["locked", "pinned", "frozen", "approval"]
ADMINS = frozenset({"owner", "admin"})


@dataclass(frozen=True, slots=True)
class Held:
    """Why, until when (UTC, None for until somebody acts), how many approvals are missing."""

    because: Because
    detail: str
    until: str | None = None
    missing: int = 0

    def told(self) -> dict[str, Any]:
        """As the row and the API have it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody approved, and the role they had in the project then."""

    user: str
    role: str


def held(
    delivery: Delivery,
    lock: Mapping[str, Any] | None,
    approvals: Iterable[Approval],
    *,
    pinned: bool,
    now_ms: int,
    author: str = "",
) -> Held | None:
    """What keeps a deployment from going live at this moment; None for nothing."""
    if lock:
        return Held("locked", str(lock.get("reason") or "The project is locked."))
    if pinned:
        return Held("pinned", "The site was rolled back and stays where it is until unpinned.")
    frost = frozen(delivery.freezes, now_ms)
    if frost is not None:
        until = clock.iso(int(frost.until.timestamp() * 1000))
        return Held("frozen", frost.reason or "The project is in a freeze.", until)
    missing = delivery.approvals - len(counted(approvals, delivery.approvers, author))
    if missing > 0:
        people = "person has" if missing == 1 else "people have"
        return Held("approval", f"{missing} more {people} to approve of it.", missing=missing)
    return None


def counted(
    approvals: Iterable[Approval], approvers: Approvers, author: str = ""
) -> list[Approval]:
    """The approvals that count, of each person one; that of the author does not."""
    of = {one.user: one for one in approvals if one.user != author}
    return [one for one in of.values() if approvers == "developers" or one.role in ADMINS]
