"""A new password for whoever forgot theirs."""

from __future__ import annotations

from chalicelib.accounts.actions import errands
from chalicelib.accounts.actions.links import activation, invalid, opened, spend, touched
from chalicelib.accounts.actions.passwords import strong, unchanged_password
from chalicelib.accounts.rows.links import seal_of
from chalicelib.core import clock
from chalicelib.identity.actions import attempts, end_sessions, gates
from chalicelib.identity.actions.users import hash_password
from chalicelib.identity.rows import UserRow
from chalicelib.identity.rules import normal_email


def ask(email: str, asked_from: str) -> None:
    """Ask for a letter with a link, which the address gets if it has an account.

    Raises Forbidden `sso_required` for an address at a domain that has no use for passwords.
    """
    gates.check(normal_email(email))
    errands.ask("reset", normal_email(email), asked_from=asked_from)


def confirm(token: str, password: str, ip: str) -> UserRow:
    """Choose a new password by a link; every session ends, and nobody is locked out any more.

    Raises Invalid `link_invalid`, `weak_password`.
    """
    link, user = opened(token, "reset")
    if user.email != link.email or link.seal != seal_of(user, "reset"):
        raise invalid()
    kind = UserRow
    hashed = hash_password(strong(password, user.email))
    changes = [kind.password_hash.set(hashed), *touched()]
    if user.status == "pending":  # whoever reads its mail has the address
        changes = activation(None, hashed)
    # in the same moment, so that no session of whoever had the old one is left if we die here
    changes.append(kind.sessions_from.set(clock.now_ms() + 1))
    spend(link, user, changes, unchanged_password(user) & (kind.status == user.status))
    end_sessions(user.id, "password_reset")
    attempts.forgive_sign_ins(user.email)
    attempts.remember_place(user.email, ip)
    errands.ask("password_changed", user.email)
    return user
