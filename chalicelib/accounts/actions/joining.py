"""Who comes in by a team's own identity provider: found or made, and a member from then on."""

from __future__ import annotations

from pynamodb.exceptions import TransactWriteError, UpdateError

from chalicelib.accounts.rows import sso as rows
from chalicelib.accounts.rules.domains import domain_of
from chalicelib.accounts.rules.externals import External
from chalicelib.core import clock
from chalicelib.core.errors import Conflict, Forbidden
from chalicelib.core.observe import logger
from chalicelib.core.table import lost_condition, write
from chalicelib.identity.rows import UserRow, user_of
from chalicelib.teams.actions.accounts import create_account
from chalicelib.teams.rows import MemberRow, TeamRow, member_of, new_member, team_lives


def join(external: External) -> UserRow:
    """The account behind a person of a team's provider.

    The team's provider is believed about addresses at domains that the team proved, and about
    nothing else: an account with such an address is theirs, whoever made it, and a new one needs
    no letter. Whoever comes becomes a member with the team's default role, if they are none.

    Raises Forbidden `sso_domain_mismatch` or `sso_email_unverified`, Conflict `sso_changed` when
    the team took its provider away in the meantime.
    """
    team, sso = rows.team_and_sso(external.sso)
    if team is None or sso is None or team.deleted_at:
        raise _changed()
    _check_address(external)
    user = _account(external)
    _member(user, sso)
    _note_tried(sso)
    return user


def _check_address(external: External) -> None:
    domain = domain_of(external.email)
    if not domain or rows.team_of_domain(domain) != external.sso:
        raise Forbidden(
            "sso_domain_mismatch",
            f"Your identity provider says {external.email or 'no address'}, and the team has not "
            "proven that this domain is its own.",
            hint="An owner of the team can prove the domain: `deck sso domain add`.",
        )
    if not external.email_verified:
        raise Forbidden(
            "sso_email_unverified",
            "Your identity provider says that it never verified this address.",
            hint="Verify it there, or ask whoever runs it.",
        )


def _account(external: External) -> UserRow:
    user, made = create_account(external.email, external.name)
    if made:
        logger().info("account_made_by_sso", extra={"user": user.id, "team": external.sso})
        return user
    return _verified(user)


def _verified(user: UserRow) -> UserRow:
    """An account that waited for its letter need not wait: the domain's owner vouches for it.

    Its password goes: whoever set it may have signed up with an address that is not theirs.
    """
    if user.status != "pending":
        return user
    kind = UserRow
    try:
        user.update(
            actions=[
                kind.status.set("active"),
                kind.verified_at.set(clock.iso()),
                kind.password_hash.remove(),
            ],
            condition=kind.status == "pending",
        )
    except UpdateError as error:
        if not lost_condition(error):
            raise
    return user_of(user.id) or user


def _member(user: UserRow, sso: rows.SsoRow) -> None:
    if member_of(sso.team, user.id) is not None:
        return
    try:
        with write() as transaction:
            transaction.condition_check(TeamRow, f"TEAM#{sso.team}", "META", condition=team_lives())
            transaction.save(
                new_member(sso.team, user.id, sso.default_role),
                condition=MemberRow.pk.does_not_exist(),
            )
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        if member_of(sso.team, user.id) is None:
            raise _changed() from None


def _note_tried(sso: rows.SsoRow) -> None:
    """Somebody came in by exactly this provider: from now on it may become the only way."""
    if sso.tried_at:
        return
    kind = rows.SsoRow
    try:
        with write() as transaction:
            transaction.update(
                sso,
                actions=[kind.tried_at.set(clock.iso())],
                condition=kind.version == sso.version,
            )
    except TransactWriteError as error:
        if not lost_condition(error):
            raise


def _changed() -> Conflict:
    return Conflict(
        "sso_changed", "The team no longer has this way to sign in.", hint="Start again."
    )
