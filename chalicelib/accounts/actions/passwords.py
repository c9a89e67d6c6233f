"""New passwords: which are taken, and replacing one's own."""

from __future__ import annotations

from pynamodb.expressions.condition import Condition

from chalicelib.accounts.actions import errands
from chalicelib.accounts.actions.profile import update
from chalicelib.accounts.rules.passwords import check_new_password
from chalicelib.core.actor import Actor
from chalicelib.core.errors import FieldError, Invalid
from chalicelib.identity.actions import attempts, end_sessions
from chalicelib.identity.actions.factors import person
from chalicelib.identity.actions.users import hash_password, verify_password
from chalicelib.identity.rows import UserRow


def strong(password: str, email: str) -> str:
    """The password; raises Invalid `weak_password` with the rule that it breaks."""
    try:
        return check_new_password(password, email)
    except ValueError as error:
        raise Invalid(
            "weak_password",
            str(error),
            hint="Take several words that do not belong together, or let a program make one.",
            errors=(FieldError("/password", str(error), "weak_password"),),
        ) from None


def change_password(actor: Actor, current: str | None, password: str) -> UserRow:
    """Replace one's password and end one's other sessions.

    Whoever has a password says it as well: a session that was left open is not enough. Ten wrong
    ones make a pause. Raises Invalid `current_password_wrong`, `weak_password`.
    """
    user = person(actor)
    strong(password, user.email)
    if user.password_hash:
        counted = attempts.count("change-password", user.id)
        if not verify_password(user, current or ""):
            raise Invalid(
                "current_password_wrong",
                "The current password is another one.",
                hint="If you forgot it: POST /v1/auth/reset, or `deck reset`.",
                errors=(FieldError("/current", "not your password", "current_password_wrong"),),
            )
        counted.delete()
    kind = UserRow
    update(user, unchanged_password(user), kind.password_hash.set(hash_password(password)))
    end_sessions(user.id, "password_changed", keep=actor.session)
    errands.ask("password_changed", user.email)
    return user


def unchanged_password(user: UserRow) -> Condition:
    """That a person still has the password that was read."""
    kind = UserRow
    if user.password_hash:
        return kind.password_hash == user.password_hash
    return kind.password_hash.does_not_exist()
