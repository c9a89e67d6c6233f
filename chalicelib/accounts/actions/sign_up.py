"""New accounts of people who ask for one."""

from __future__ import annotations

from pynamodb.exceptions import DeleteError

from chalicelib.accounts.actions import errands
from chalicelib.accounts.actions.links import activate
from chalicelib.accounts.actions.passwords import strong
from chalicelib.accounts.actions.settings import require_open
from chalicelib.accounts.rows.links import LinkRow, link_of
from chalicelib.core.errors import Forbidden, NotFound
from chalicelib.core.table import lost_condition
from chalicelib.identity.actions import gates
from chalicelib.identity.actions.users import hash_password
from chalicelib.identity.rows import UserRow
from chalicelib.identity.rules import normal_email
from chalicelib.teams.actions import invitations
from chalicelib.teams.actions.accounts import create_account
from chalicelib.teams.rules.invitations import is_token as is_to_team


def sign_up(email: str, name: str, password: str, asked_from: str) -> None:
    """Ask for an account: a letter to the address says how it goes on, whoever has it.

    Raises Forbidden when not everybody may sign up, or `sso_required` for who has to come another
    way; Invalid `weak_password`.
    """
    require_open()
    email = normal_email(email)
    gates.check(email)
    errands.ask(
        "sign_up",
        email,
        name=name,
        password_hash=hash_password(strong(password, email)),
        asked_from=asked_from,
    )


def verify_again(email: str, asked_from: str) -> None:
    """Ask for another letter to an address that is not verified yet."""
    errands.ask("verify_again", normal_email(email), asked_from=asked_from)


def sign_up_invited(
    email: str, name: str, password: str, token: str, asked_from: str
) -> UserRow | None:
    """An account for somebody who was invited: the invitation came to the address, so it is
    verified and active at once. Returns it, or None when the address has an account already.

    Raises NotFound `invitation_not_found`, Conflict `invitation_expired`, Forbidden
    `invitation_for_another_address`.
    """
    email = normal_email(email)
    gates.check(email)
    strong(password, email)
    link = check_invitation(token, email)
    user, known = _made(email, name, hash_password(password))
    if not known or link is not None:
        use_invitation(token, link, user)
    errands.ask("known_account" if known else "welcome", email, asked_from=asked_from)
    return None if known else user


def check_invitation(token: str, email: str) -> LinkRow | None:
    """Whether somebody of this address was invited: the link of the mail, or None for an
    invitation into a team. Raises as `sign_up_invited` does."""
    link = None
    if is_to_team(token):
        invited = invitations.look(token).email
    else:
        link = link_of(token, "invited")
        invited = link.email if link is not None else ""
    if not invited:
        raise NotFound(
            "invitation_not_found",
            "There is no such invitation, or it was used before.",
            hint="Check the whole token, or ask for a new invitation.",
        )
    if invited != email:
        raise Forbidden(
            "invitation_for_another_address",
            "This invitation is for another e-mail address.",
            hint="Sign up with the address that it came to, or ask for a new invitation.",
        )
    return link


def use_invitation(token: str, link: LinkRow | None, user: UserRow) -> None:
    """Use an invitation up, and become a member where it is one into a team."""
    if link is not None:
        _spend(link)
    else:
        invitations.redeem(token, user)


def _made(email: str, name: str, hashed: str) -> tuple[UserRow, bool]:
    """An active account with this password, and whether there was one with another."""
    user, made = create_account(email, name, hashed=hashed)
    if made or (user.status == "pending" and activate(user, name, hashed)):
        return user, False
    return user, True


def _spend(link: LinkRow) -> None:
    try:
        link.delete(condition=LinkRow.pk.exists())
    except DeleteError as error:
        if not lost_condition(error):
            raise
