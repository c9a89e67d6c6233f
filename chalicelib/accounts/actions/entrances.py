"""Coming in with an identity from elsewhere: whose account it is, or who gets a new one."""

from __future__ import annotations

from chalicelib.accounts.actions import arrivals, identities, joining, settings, sign_up, sso
from chalicelib.accounts.actions.links import activate
from chalicelib.accounts.rules.externals import External
from chalicelib.core.errors import Conflict, Forbidden
from chalicelib.core.observe import logger
from chalicelib.identity.actions import Challenge, Tokens, user_by_email
from chalicelib.identity.actions.sessions import admit
from chalicelib.identity.rows import Proof, UserRow, user_of
from chalicelib.teams.actions.accounts import create_account


def enter(
    code: str, verifier: str, ip: str, agent: str, invitation: str = ""
) -> Tokens | Challenge:
    """Sign in with the code that came back from a provider; newcomers may have an invitation.

    Raises Problem `arrival_invalid`, and what `account_of` and `admit` raise.
    """
    external = arrivals.redeem(code, verifier)
    user = account_of(external, invitation)
    via = "sso" if external.sso else external.provider
    return admit(user, Proof(via, external.strong, external.sso, ip, agent))


def link(user: str, provider: str, code: str, verifier: str) -> None:
    """Give an identity that came back with a code to whoever began; raises Problem."""
    external = arrivals.redeem(code, verifier, user)
    account = user_of(user)
    if account is None or external.provider != provider:
        raise Conflict(
            "provider_mismatch",
            "This code comes from another provider.",
            hint="Begin again with POST /v1/me/identities/{provider}/start.",
        )
    identities.link(account, external)


def account_of(external: External, invitation: str = "") -> UserRow:
    """The account of somebody from elsewhere.

    A known identity is its account. Otherwise the e-mail address decides, and only one that the
    provider vouches for: it opens the account that has it and links it, without the password of
    whoever signed up and never proved the address; or it makes a new account, as far as the
    installation takes new people or this one was invited.

    Raises Forbidden `email_unverified`, `account_unverified`, `sso_required`, `sign_up_closed` or
    `sign_up_by_request`, and what `sign_up.check_invitation` raises.
    """
    if external.sso:
        return joining.join(external)
    known = identities.owner_of(external)
    if known is not None:
        sso.check_entry(known.email)
        return known
    if not external.email or not external.email_verified:
        raise Forbidden(
            "email_unverified",
            "The provider does not vouch for your e-mail address.",
            hint="Verify the address there, or sign in another way and link this identity with "
            "POST /v1/me/identities/{provider}/start.",
        )
    sso.check_entry(external.email)
    user = _by_email(external, invitation)
    identities.link(user, external)
    return user


def _activated(user: UserRow) -> UserRow:
    """An account that waited for its letter need not wait: the provider vouches for the address.

    Its password goes: whoever set it may have signed up with an address that is not theirs.
    """
    activate(user, user.name, None)
    return user_of(user.id) or user


def _by_email(external: External, invitation: str) -> UserRow:
    user = user_by_email(external.email)
    if user is None:
        link = None
        if invitation:
            link = sign_up.check_invitation(invitation, external.email)
        else:
            settings.require_open()
        user, made = create_account(external.email, external.name)
        if made:
            if invitation:
                sign_up.use_invitation(invitation, link, user)
            logger().info(
                "account_made_elsewhere", extra={"user": user.id, "provider": external.provider}
            )
            return user
    if user.status == "pending":
        user = _activated(user)
    if user.verified_at is None:
        raise Forbidden(
            "account_unverified",
            "The account with your address never proved that the address is its own.",
            hint="Verify it by mail (POST /v1/auth/verify/resend), then sign in again.",
        )
    return user
