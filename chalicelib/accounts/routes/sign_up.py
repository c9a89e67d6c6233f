"""Signing up, proving an address, choosing a new password when the old one is forgotten."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from chalicelib.accounts.actions import links, resets
from chalicelib.accounts.actions import sign_up as entry
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.routes.fields import Email, Name
from chalicelib.core.actor import Actor
from chalicelib.core.http import PUBLIC, Acknowledged, Call, Empty, Input, Output, secret_field
from chalicelib.identity.rows import UserRow


class SignUp(Input):
    """Who wants an account. An `invitation` is the token in the mail that invites."""

    email: Email
    name: Name
    password: str = secret_field(max_length=1000)
    invitation: str | None = secret_field(None, max_length=100)


class Address(Input):
    """An e-mail address."""

    email: Email


class Token(Input):
    """The token in a mail, good once."""

    token: str = secret_field(max_length=100)


class NewPassword(Token):
    """The token in a mail, and the password that the account shall have."""

    password: str = secret_field(max_length=1000)


class Verified(Output):
    """The address that was proved."""

    email: str = Field(description="what the account signs in with from now on")


@routes.post(
    "/auth/sign-up",
    permission=PUBLIC,
    body=SignUp,
    answer=Acknowledged,
    status=202,
    problems=(403, 404, 409),
    limit="mail",
)
def sign_up(call: Call) -> Acknowledged:
    """Ask for an account. The answer is the same whether the address has one or not."""
    wanted = call.body
    if wanted.invitation is None:
        entry.sign_up(wanted.email, wanted.name, wanted.password, call.source_ip)
        return Acknowledged()
    user = entry.sign_up_invited(
        wanted.email, wanted.name, wanted.password, wanted.invitation, call.source_ip
    )
    if user is not None:
        _by(call, user)
    return Acknowledged()


@routes.post(
    "/auth/verify",
    permission=PUBLIC,
    body=Token,
    answer=Verified,
    problems=(409,),
    limit="sign_in",
)
def verify_email(call: Call) -> Verified:
    """Prove an address by the token in the mail that it got."""
    user, email = links.verify(call.body.token)
    _by(call, user)
    call.trail.after = {"email": email}
    return Verified(email=email)


@routes.post(
    "/auth/verify/resend",
    permission=PUBLIC,
    body=Address,
    answer=Acknowledged,
    status=202,
    audited=False,
    limit="mail",
)
def resend_verification(call: Call) -> Acknowledged:
    """Send the mail of a sign-up again, if the address waits for one."""
    entry.verify_again(call.body.email, call.source_ip)
    return Acknowledged()


@routes.post(
    "/auth/reset",
    permission=PUBLIC,
    body=Address,
    answer=Acknowledged,
    status=202,
    audited=False,
    problems=(403,),
    limit="mail",
)
def ask_for_reset(call: Call) -> Acknowledged:
    """Send a mail with which to choose a new password, if the address has an account."""
    resets.ask(call.body.email, call.source_ip)
    return Acknowledged()


@routes.post(
    "/auth/reset/confirm",
    permission=PUBLIC,
    body=NewPassword,
    answer=Empty,
    status=204,
    limit="sign_in",
)
def reset_password(call: Call) -> None:
    """Choose a new password by the token in the mail. Every session of the account ends."""
    _by(call, resets.confirm(call.body.token, call.body.password, call.source_ip))


def _by(call: Call, user: UserRow) -> None:
    """For the log: who it was that a public route let change something."""
    somebody = Actor(kind="user", id=user.id, user=user.id, home=user.home)
    call.trail.actor = replace(somebody, ip=call.actor.ip, agent=call.actor.agent)
    call.trail.team, call.trail.resource = user.home, user.id
