"""The factors of a person: listed, added, removed, and counted on the person's own row."""

from __future__ import annotations

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Forbidden, not_found
from chalicelib.core.table import lost_condition, write
from chalicelib.identity import rows
from chalicelib.identity.actions import notices, recovery, sessions, ways
from chalicelib.identity.rules import MOST_FACTORS

_TRIES = 4


def person(actor: Actor) -> rows.UserRow:
    """The person behind a session.

    Raises Forbidden `session_required` for a key: a leaked one must not take over the account
    that it acts for.
    """
    user = rows.user_of(actor.user) if actor.session else None
    if user is None:
        raise Forbidden(
            "session_required",
            "This is about an account, and for its person alone; a key cannot do it.",
            hint="Sign in with `deck login` and use that session.",
        )
    return user


def check_room(user: rows.UserRow) -> None:
    """Raise Conflict `too_many_factors` when there are twenty."""
    if user.factors >= MOST_FACTORS:
        raise Conflict(
            "too_many_factors",
            f"There are {MOST_FACTORS} factors already.",
            hint="Remove one with DELETE /v1/me/factors/{factor}.",
        )


def list_factors(actor: Actor) -> tuple[list[rows.FactorRow], int]:
    """The factors of this person, oldest first, and how many recovery codes are left."""
    user = person(actor)
    return rows.factors_of(user.id), recovery.left(user.id)


def add(
    actor: Actor,
    factor: rows.FactorRow,
    *,
    instead_of: rows.PendingRow | None = None,
    claim: rows.UniqueRow | None = None,
) -> list[str]:
    """Save a confirmed factor and count it; recovery codes when it is the first.

    This session has proven the factor, so it counts as one with a second factor from now on.
    Raises Conflict `too_many_factors` or `factor_exists`.
    """
    kind = rows.UserRow
    for _ in range(_TRIES):
        user = person(actor)
        check_room(user)
        first = not user.factors
        codes, row = recovery.new_codes(user.id) if first else ([], None)
        try:
            with write() as transaction:
                transaction.update(
                    user,
                    actions=[kind.factors.set(int(user.factors) + 1)],
                    condition=_counted(int(user.factors)),
                )
                transaction.save(factor, condition=rows.FactorRow.pk.does_not_exist())
                if row is not None:
                    transaction.save(row)
                if instead_of is not None:
                    transaction.delete(
                        instead_of, condition=rows.PendingRow.factor == instead_of.factor
                    )
                if claim is not None:
                    transaction.save(claim, condition=rows.UniqueRow.pk.does_not_exist())
        except TransactWriteError as error:
            if not lost_condition(error):
                raise
            if _same_count(user):
                break  # then the factor was there, or its passkey was
            continue
        sessions.prove(actor.session, strong=True)
        notices.factor_added(user, factor)
        return codes
    raise Conflict(
        "factor_exists",
        "This factor was added already.",
        hint="GET /v1/me/factors lists what there is.",
    )


def remove(actor: Actor, name: str) -> rows.FactorRow:
    """Remove a factor; with the last one the other sessions and the recovery codes go too.

    Raises Conflict `last_sign_in_method` for a passkey without which nobody comes in.
    """
    kind = rows.UserRow
    for _ in range(_TRIES):
        user = person(actor)
        factor = rows.factor_of(user.id, name)
        if factor is None:
            raise not_found("factor", name)
        left = int(user.factors) - 1
        if factor.kind == "passkey" and not actor.sso:
            ways.require_another(user, factor=factor.id)
        counted: list[Action] = [kind.factors.set(max(left, 0)), ways.counted()]
        try:
            with write() as transaction:
                transaction.delete(factor, condition=rows.FactorRow.pk.exists())
                if factor.kind == "passkey":
                    transaction.delete(rows.passkey_claim(factor))
                if left < 1:
                    transaction.delete(rows.recovery_named(user.id))
                    counted.append(sessions.end_others(transaction, actor))
                transaction.update(user, actions=counted, condition=ways.unchanged(user))
        except TransactWriteError as error:
            if not lost_condition(error):
                raise
            continue
        notices.factor_removed(user, factor)
        return factor
    raise not_found("factor", name)


def clear(user: str) -> None:
    """Remove every factor of somebody who lost them, and end all their sessions.

    For whoever runs the installation, who has looked who is asking.
    """
    with write() as transaction:
        for factor in rows.factors_of(user):
            transaction.delete(factor)
            if factor.kind == "passkey":
                transaction.delete(rows.passkey_claim(factor))
        transaction.delete(rows.recovery_named(user))
        transaction.update(
            rows.user_named(user),
            actions=[rows.UserRow.factors.set(0)],
            condition=rows.UserRow.pk.exists(),
        )
    sessions.end_sessions(user, "factors_cleared")


def _counted(known: int) -> Condition:
    """The count is what it was when it was read."""
    kind = rows.UserRow
    same = kind.factors == known
    return same | kind.factors.does_not_exist() if not known else same


def _same_count(user: rows.UserRow) -> bool:
    now = rows.user_of(user.id)
    return now is not None and now.factors == user.factors
