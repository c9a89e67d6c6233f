"""Mails that tell a person what happened to the ways into their account."""

from __future__ import annotations

from chalicelib.core import clock
from chalicelib.core.config import settings
from chalicelib.core.console import console_url
from chalicelib.core.observe import logger, printable
from chalicelib.identity import rows
from chalicelib.ports import Message, services

_KINDS = {"totp": "authenticator app", "passkey": "passkey"}


def factor_added(user: rows.UserRow, factor: rows.FactorRow) -> None:
    """An authenticator app or a passkey was added."""
    what = f"{_KINDS[factor.kind]} {printable(factor.name)!r}"
    _tell(user, "factor_added", f"A second factor was added: {what}", f"The {what} was added.")


def factor_removed(user: rows.UserRow, factor: rows.FactorRow) -> None:
    """An authenticator app or a passkey was removed."""
    what = f"{_KINDS[factor.kind]} {printable(factor.name)!r}"
    _tell(user, "factor_removed", f"A second factor was removed: {what}", f"The {what} is gone.")


def factors_cleared(user: rows.UserRow) -> None:
    """Whoever runs the installation took all factors away."""
    text = (
        "Whoever runs this installation has removed all second factors of your account, because "
        "somebody said that they were lost. All sessions have ended; your password is enough now. "
        "Add new factors with `deck mfa totp`, or in the console."
    )
    _tell(user, "factors_cleared", "The second factors of your account were removed", text)


def identity_linked(user: rows.UserRow, identity: rows.IdentityRow, provider: str) -> None:
    """Somebody elsewhere signs this person in from now on."""
    whom = f"{provider} ({identity.email})" if identity.email else provider
    text = (
        f"An account at {whom} signs you in from now on. "
        f"`DELETE /v1/me/identities/{identity.provider}` takes it away."
    )
    _tell(user, "identity_linked", f"{provider} signs you in now", text)


def recovery_code_used(user: rows.UserRow, left: int) -> None:
    """Somebody proved who they are with a recovery code."""
    text = (
        f"A recovery code was used; {left} are left. "
        "`deck mfa recovery-codes` makes new ones and ends the old ones."
    )
    _tell(user, "recovery_code_used", "A recovery code of your account was used", text)


def _tell(user: rows.UserRow, kind: str, subject: str, text: str) -> None:
    """Send it; what was done stays done when no mail can be sent."""
    body = (
        f"{text}\n\nThis happened at {clock.iso()} in the account {user.email} "
        f"at {console_url() or settings().api_url}.\n\n"
        "If it was not you, change your password now, end all other sessions with "
        "`deck sessions end --others`, and tell whoever runs this installation.\n"
    )
    try:
        services().mail.send(Message(kind, user.email, subject, body))
    except OSError as error:
        logger().warning("notice not sent", extra={"kind": kind, "why": str(error)[:200]})
