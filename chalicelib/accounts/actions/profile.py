"""What people change about themselves."""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import UpdateError

from chalicelib.accounts.actions import errands
from chalicelib.core import clock, etag
from chalicelib.core.actor import Actor
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.core.table import lost_condition
from chalicelib.identity.actions.factors import person
from chalicelib.identity.rows import UserRow, user_of
from chalicelib.identity.rules import normal_email


def change_profile(actor: Actor, changed: dict[str, str | None], expected: int | None) -> UserRow:
    """Change name and picture, as far as they are given; a picture may become None.

    `expected` is the version that the caller has seen; None changes whatever it is.
    """
    user = person(actor)
    if expected is not None and expected != user.version:
        raise etag.stale(int(user.version))
    kind = UserRow
    changes: list[Any] = []
    name = changed.get("name")
    if name:
        changes.append(kind.name.set(name))
    if "avatar_url" in changed:
        url = changed["avatar_url"]
        changes.append(kind.avatar_url.set(url) if url else kind.avatar_url.remove())
    update(user, kind.version == user.version, *changes)
    return user


def move_to(actor: Actor, email: str, asked_from: str) -> UserRow:
    """Ask for a letter to another address, which becomes the account's when its link is opened.

    Whether that address has an account is not told here.
    """
    user = person(actor)
    email = normal_email(email)
    if email == user.email:
        raise Invalid(
            "same_email",
            "This is the address that your account has.",
            hint="Name another one.",
            errors=(FieldError("/email", "unchanged", "same_email"),),
        )
    errands.ask("change_email", email, user=user.id, asked_from=asked_from)
    return user


def update(user: UserRow, unchanged: Any, *changes: Any) -> None:
    """Change a person if nobody else did meanwhile; raises Conflict `conflict`."""
    kind = UserRow
    try:
        user.update(
            actions=[
                *changes,
                kind.updated_at.set(clock.iso()),
                kind.version.set((kind.version | 0) + 1),
            ],
            condition=kind.pk.exists() & unchanged,
        )
    except UpdateError as error:
        if not lost_condition(error):
            raise
        now = user_of(user.id)
        raise etag.stale(int(now.version) if now else 0) from None
