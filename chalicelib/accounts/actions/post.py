"""Doing errands: who has the address is looked up here, and the letter is written and sent."""

from __future__ import annotations

from collections.abc import Callable

from pynamodb.exceptions import UpdateError

from chalicelib.accounts.rows import errands as rows
from chalicelib.accounts.rows.errands import ErrandRow
from chalicelib.accounts.rows.links import new_link
from chalicelib.accounts.rules import letters
from chalicelib.accounts.rules.letters import Letter, Places
from chalicelib.accounts.rules.links import Purpose
from chalicelib.core import clock
from chalicelib.core.config import settings
from chalicelib.core.console import console_url
from chalicelib.core.observe import logger
from chalicelib.core.table import lost_condition
from chalicelib.identity.actions import user_by_email
from chalicelib.identity.rows import UserRow, user_of
from chalicelib.identity.rows.letters import may_send, not_sent
from chalicelib.ports import Message, services
from chalicelib.teams.actions.accounts import create_account

MOST_TRIES = 8


def perform(identifier: str) -> str:
    """Do an errand: `done`, `gone` (done before, or by somebody else), `later` or `given_up`.

    Mail that cannot be handed over right now is tried again with the next sweep.
    """
    row = rows.errand_of(identifier)
    if row is None or not rows.lease(row):
        return "gone"
    try:
        _DO[row.kind](row)
    except OSError as error:
        said = {"errand": row.id, "kind": row.kind, "tries": int(row.tries), "why": str(error)}
        if row.tries < MOST_TRIES:
            logger().warning("letter not sent", extra=said)
            return "later"
        logger().error("letter given up", extra=said)
        row.delete()
        return "given_up"
    row.delete()
    return "done"


def send(email: str, letter: Letter) -> bool:
    """Send a letter unless the address had enough of them; raises OSError as `Mail.send` does."""
    if not may_send(email):
        logger().warning("letter withheld", extra={"kind": letter.kind})
        return False
    try:
        services().mail.send(Message(letter.kind, email, letter.subject, letter.text))
    except OSError:
        not_sent(email)
        raise
    return True


def places() -> Places:
    """The addresses that letters lead to."""
    return Places(settings().api_url, console_url())


def _sign_up(row: ErrandRow) -> None:
    """Somebody wants an account. The last one who asked for it before it is verified has it,
    and each letter makes it theirs who asked for that very letter."""
    user, made = create_account(row.email, row.name or "", hashed=row.password_hash, verified=False)
    if not made and (user.status != "pending" or not _again(user, row)):
        send(row.email, letters.known_account(places(), row.asked_from))
        return
    _verify(user, row)


def _again(user: UserRow, row: ErrandRow) -> bool:
    """Replace name and password of an account that nobody has verified yet."""
    kind = UserRow
    try:
        user.update(
            actions=[
                kind.name.set(row.name or user.name),
                kind.password_hash.set(row.password_hash),
                kind.updated_at.set(clock.iso()),
            ],
            condition=kind.status == "pending",
        )
    except UpdateError as error:
        if lost_condition(error):
            return False
        raise
    return True


def _verify_again(row: ErrandRow) -> None:
    user = user_by_email(row.email)
    if user is None or user.status != "pending":
        return
    if user.updated_at is None:
        _verify(user, row)
        return
    # several people signed up with it, and who of them asks now is not known: nobody's password
    token = _link("verify", row.email, user)
    send(row.email, letters.verify_contested(places(), token, row.asked_from))


def _verify(user: UserRow, row: ErrandRow) -> None:
    token = _link("verify", row.email, user, signed_up=True)
    send(row.email, letters.verify_email(places(), token, row.asked_from))


def _reset(row: ErrandRow) -> None:
    user = user_by_email(row.email)
    if user is None or user.status == "suspended":
        return
    token = _link("reset", row.email, user)
    send(row.email, letters.reset_password(places(), token, row.asked_from))


def _change_email(row: ErrandRow) -> None:
    if user_by_email(row.email) is not None:
        send(row.email, letters.address_in_use(places(), row.asked_from))
        return
    user = user_of(row.user)
    if user is not None:
        token = _link("email", row.email, user)
        send(row.email, letters.change_email(places(), token, row.asked_from))


def _invite(row: ErrandRow) -> None:
    token = _link("invited", row.email)
    send(row.email, letters.access_approved(places(), token))


def _link(
    purpose: Purpose, email: str, user: UserRow | None = None, *, signed_up: bool = False
) -> str:
    row, token = new_link(purpose, email, user, signed_up=signed_up)
    row.save()
    return token


def _known_account(row: ErrandRow) -> None:
    send(row.email, letters.known_account(places(), row.asked_from))


def _welcome(row: ErrandRow) -> None:
    send(row.email, letters.welcome(places()))


def _email_changed(row: ErrandRow) -> None:
    send(row.email, letters.email_changed(places(), row.other or ""))


def _password_changed(row: ErrandRow) -> None:
    send(row.email, letters.password_changed(places()))


_DO: dict[str, Callable[[ErrandRow], None]] = {
    "sign_up": _sign_up,
    "verify_again": _verify_again,
    "reset": _reset,
    "change_email": _change_email,
    "invite": _invite,
    "known_account": _known_account,
    "welcome": _welcome,
    "email_changed": _email_changed,
    "password_changed": _password_changed,
}
