"""What a person changes about themselves."""

from __future__ import annotations

from chalicelib.accounts.actions import passwords, profile
from chalicelib.accounts.routes.blueprint import routes
from chalicelib.accounts.routes.fields import AvatarUrl, Email, Name
from chalicelib.core import etag
from chalicelib.core.http import SIGNED_IN, Acknowledged, Call, Empty, Input, secret_field
from chalicelib.identity.actions.factors import person
from chalicelib.teams.routes.shapes import UserView, user_view


class ChangePassword(Input):
    """The new password, and the one there is, if there is one."""

    current: str | None = secret_field(None, max_length=1000)
    password: str = secret_field(max_length=1000)


class ChangeProfile(Input):
    """What is to be changed; `avatar_url` null removes the picture."""

    name: Name | None = None
    avatar_url: AvatarUrl | None = None


class NewEmail(Input):
    """The address that the account shall have."""

    email: Email


@routes.put(
    "/me/password",
    permission=SIGNED_IN,
    body=ChangePassword,
    answer=Empty,
    status=204,
    problems=(403, 409),
    limit="sign_in",
    step_up=True,
)
def change_password(call: Call) -> None:
    """Replace one's password. One's other sessions end at once."""
    user = passwords.change_password(call.actor, call.body.current, call.body.password)
    call.trail.resource = user.id


@routes.patch("/me", permission=SIGNED_IN, body=ChangeProfile, answer=UserView, problems=(403, 409))
def change_profile(call: Call) -> tuple[UserView, dict[str, str]]:
    """Change one's name or picture; `If-Match` refuses to overwrite a later change."""
    given = call.body.model_dump(exclude_unset=True)
    before = person(call.actor)
    call.trail.resource = before.id
    call.trail.before = {name: getattr(before, name) for name in given}
    user = profile.change_profile(call.actor, given, etag.expected(call))
    return user_view(user), etag.tag(int(user.version))


@routes.post(
    "/me/email",
    permission=SIGNED_IN,
    body=NewEmail,
    answer=Acknowledged,
    status=202,
    problems=(403,),
    limit="mail",
    step_up=True,
)
def ask_for_new_email(call: Call) -> Acknowledged:
    """Send a mail to another address; its link makes it the account's."""
    user = profile.move_to(call.actor, call.body.email, call.source_ip)
    call.trail.resource = user.id
    call.trail.before = {"email": user.email}
    return Acknowledged()
