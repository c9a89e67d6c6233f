"""From somebody elsewhere to an account here, and which identities an account has."""

from __future__ import annotations

from pynamodb.exceptions import TransactWriteError

from chalicelib.accounts.rules.externals import External
from chalicelib.accounts.rules.providers import PROVIDERS
from chalicelib.core.errors import Conflict, Forbidden, NotFound
from chalicelib.core.table import lost_condition, write
from chalicelib.identity import rows
from chalicelib.identity.actions import notices, ways
from chalicelib.identity.rows import UserRow, user_of


def owner_of(external: External) -> UserRow | None:
    """The account that an identity belongs to."""
    user = rows.user_by_identity(external.provider, external.subject)
    return user_of(user) if user else None


def link(user: UserRow, external: External) -> rows.IdentityRow:
    """Give an identity to an account; the same again changes nothing.

    Raises Conflict `identity_taken` when it is another account's, and `provider_linked` when the
    account has another identity of this provider.
    """
    row = rows.new_identity(user.id, external.provider, external.subject, external.email)
    claim = rows.identity_claim(external.provider, external.subject, user.id)
    try:
        with write() as transaction:
            transaction.save(claim, condition=type(claim).pk.does_not_exist())
            transaction.save(row, condition=rows.IdentityRow.pk.does_not_exist())
            # whoever removes another one at the same time counts again
            transaction.update(user, actions=[ways.counted()], condition=UserRow.pk.exists())
    except TransactWriteError as error:
        if not lost_condition(error):
            raise
        return _linked_before(user, external)
    notices.identity_linked(user, row, PROVIDERS[external.provider].name)
    return row


def identities_of(user: str) -> list[rows.IdentityRow]:
    """The identities of an account."""
    return rows.identities_of(user)


def unlink(user: str, provider: str) -> None:
    """Take an identity away from an account.

    Raises NotFound, and Conflict `last_sign_in_method` for the last way in. Two removals at the
    same time cannot both believe that the other way in stays.
    """
    for _ in range(_TRIES):
        account = user_of(user)
        row = rows.identity_of(user, provider)
        if account is None or row is None:
            raise NotFound(
                "identity_not_found",
                f"Your account has no identity of {provider[:80]!r}.",
                hint="GET /v1/me/identities lists those it has.",
            )
        ways.require_another(account, provider=provider)
        try:
            with write() as transaction:
                transaction.delete(row, condition=rows.IdentityRow.subject == row.subject)
                transaction.delete(rows.identity_claim(provider, row.subject, user))
                transaction.update(
                    account,
                    actions=[ways.counted()],
                    condition=ways.unchanged(account),
                )
            return
        except TransactWriteError as error:
            if not lost_condition(error):
                raise
    raise Conflict("conflict", "Your account was changed at the same time.", hint="Try again.")


_TRIES = 4


def _linked_before(user: UserRow, external: External) -> rows.IdentityRow:
    owner = rows.user_by_identity(external.provider, external.subject)
    if owner is not None and owner != user.id:
        raise Conflict(
            "identity_taken",
            "This identity belongs to another account.",
            hint="Sign in with it, and remove it there first.",
        )
    row = rows.identity_of(user.id, external.provider)
    if row is not None and row.subject == external.subject:
        return row
    if row is not None:
        raise Conflict(
            "provider_linked",
            "Your account has another identity of this provider.",
            hint="Remove that one first: DELETE /v1/me/identities/{provider}.",
        )
    raise Forbidden("account_gone", "This account is not there any more.", hint="Sign in again.")
