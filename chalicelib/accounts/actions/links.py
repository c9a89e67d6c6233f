"""Opening the links in mails. A token is spent in the transaction that does what it is for."""

from __future__ import annotations

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.accounts.actions import errands
from chalicelib.accounts.actions.passwords import unchanged_password
from chalicelib.accounts.rows.links import LinkRow, link_of, seal_of
from chalicelib.accounts.rules.links import Purpose
from chalicelib.core import clock
from chalicelib.core.errors import Conflict, Invalid
from chalicelib.core.table import find, lost_condition, write
from chalicelib.identity.rows import UniqueRow, UserRow, owner_of, unique, user_of


def verify(token: str) -> tuple[UserRow, str]:
    """Prove an address: of a new account, which is active then, or the new one of an account.

    Returns the person and the address. Raises Invalid `link_invalid`.
    """
    link, user = opened(token, "verify", "email")
    if link.purpose == "email":
        return _move(link, user), link.email
    if user.status == "pending" and user.email == link.email:
        spend(link, user, activation(link.name, link.password_hash), UserRow.status == "pending")
    elif user.email != link.email:
        raise invalid()
    else:
        spend(link)  # another letter did it already
    return user, link.email


def activate(user: UserRow, name: str, password_hash: str | None) -> bool:
    """Make a pending account active with this name and password; False when it was not pending."""
    try:
        user.update(actions=activation(name, password_hash), condition=UserRow.status == "pending")
    except UpdateError as error:
        if lost_condition(error):
            return False
        raise
    return True


def invalid() -> Invalid:
    """The one answer to every token that is not good, whatever the reason."""
    return Invalid(
        "link_invalid",
        "This link was used before, has run out, or was never made.",
        hint="Ask for another one; it comes by mail.",
    )


def opened(token: str, *purposes: Purpose) -> tuple[LinkRow, UserRow]:
    """The link of a token, and whose it is; raises Invalid `link_invalid`."""
    link = link_of(token, *purposes)
    user = user_of(link.user) if link is not None else None
    if link is None or user is None or user.status == "suspended":
        raise invalid()
    return link, user


def _move(link: LinkRow, user: UserRow) -> UserRow:
    """Give an account its new address, and free the one it had.

    Only while everything is as it was when they asked: a thief who asked at an open session, and
    was thrown out by a new password or by ending all sessions, does not come back by a letter.
    """
    if link.seal != seal_of(user, "email"):
        raise invalid()
    kind, before = UserRow, user.email
    try:
        with write() as transaction:
            transaction.delete(link, condition=LinkRow.pk.exists())
            transaction.save(
                unique("email", link.email, user.id), condition=UniqueRow.pk.does_not_exist()
            )
            transaction.delete(unique("email", before, user.id))
            transaction.update(
                user,
                actions=[kind.email.set(link.email), *touched()],
                condition=(kind.email == before) & (kind.status == user.status) & _as_before(user),
            )
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        if find(LinkRow, link.pk) is None or owner_of("email", link.email) is None:
            raise invalid() from None
        raise Conflict(
            "email_taken",
            "This address has got an account in the meantime.",
            hint="Sign in to that account, or choose another address.",
        ) from None
    errands.ask("email_changed", before, other=link.email)
    return user


def _as_before(user: UserRow) -> Condition:
    """Nobody gave the person another password, or ended their sessions, since they were read."""
    kind = UserRow
    sessions: Condition = kind.sessions_from == user.sessions_from
    if not user.sessions_from:
        sessions = sessions | kind.sessions_from.does_not_exist()
    both: Condition = unchanged_password(user) & sessions
    return both


def activation(name: str | None, password_hash: str | None) -> list[Action]:
    """The changes that make an account active; without a password it has none, whoever chose one
    before."""
    kind = UserRow
    changes = [kind.status.set("active"), kind.verified_at.set(clock.iso()), *touched()]
    if name:
        changes.append(kind.name.set(name))
    hashed = kind.password_hash
    changes.append(hashed.set(password_hash) if password_hash else hashed.remove())
    return changes


def touched() -> list[Action]:
    """The changes that every change of an account comes with."""
    kind = UserRow
    return [kind.updated_at.set(clock.iso()), kind.version.set((kind.version | 0) + 1)]


def spend(
    link: LinkRow,
    user: UserRow | None = None,
    changes: list[Action] | None = None,
    when: Condition | None = None,
) -> None:
    """Use a link up, and change its user in the same moment; raises Invalid `link_invalid`."""
    try:
        with write() as transaction:
            transaction.delete(link, condition=LinkRow.pk.exists())
            if user is not None:
                transaction.update(user, actions=changes or [], condition=when)
    except TransactWriteError as error:
        if lost_condition(error):
            raise invalid() from None
        raise
