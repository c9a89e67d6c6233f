"""The one place that decides who runs the installation."""

from __future__ import annotations

from dataclasses import dataclass

from pynamodb.expressions.condition import Condition

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Forbidden
from chalicelib.identity.rows import UserRow, user_of


@dataclass(frozen=True)
class Administrator:
    """Somebody who runs the installation, and was found to do so a moment ago."""

    user: str


def authorise(actor: Actor, permission: str, _scope: str, _path: dict[str, str]) -> Administrator:
    """Decide about routes of the installation: one consistent read.

    The caller is an administrator's session, or a key of theirs that was made for exactly this;
    a key without scopes may do what its owner may in a team, and nothing here. Raises Forbidden
    `admin_only`, whatever is missing.
    """
    user = user_of(actor.user) if actor.user else None
    if user is None or not may(actor, user, permission):
        raise refused()
    return Administrator(user.id)


def may(actor: Actor, user: UserRow, permission: str) -> bool:
    """Whether somebody, whose row was read just now, may do this to the installation."""
    named = not actor.is_key or permission in actor.scopes
    return named and user.status == "active" and bool(user.admin)


def refused() -> Forbidden:
    """The answer to everybody else."""
    return Forbidden(
        "admin_only",
        "Only those who run this installation may do this.",
        hint="Ask one of them; of a key, they make one with the scope admin.read or admin.manage.",
    )


def still_administers() -> Condition:
    """Condition on an administrator's row: they still are one at the moment of the change."""
    row = UserRow
    active = (row.status == "active") | row.status.does_not_exist()
    both: Condition = active & (row.admin == True)  # noqa: E712  # a condition, no comparison
    return both
