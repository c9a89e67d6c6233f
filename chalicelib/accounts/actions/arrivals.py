"""Leaving for an identity provider and coming back with a code: OAuth and single sign-on alike.

    depart -> the browser is at the provider -> take -> arrive -> the browser is back, with a code
    -> the client that began exchanges the code, and proves by PKCE that it is the one

What a provider said of somebody changes nothing before that client proved itself: else a stranger
could have somebody else finish what the stranger began.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass

from chalicelib.accounts import rows
from chalicelib.accounts.rules.externals import External
from chalicelib.accounts.rules.pkce import is_challenge, new_verifier, proves
from chalicelib.accounts.rules.returns import check_return_to, with_answer
from chalicelib.core.console import console_url
from chalicelib.core.errors import FieldError, Invalid, Problem


@dataclass(frozen=True)
class Departure:
    """What a request to a provider carries: `state` comes back with the browser, `nonce` in the
    ID token, `verifier` is our own PKCE secret towards the provider."""

    state: str
    nonce: str
    verifier: str


def depart(connection: str, return_to: str, challenge: str, user: str = "") -> Departure:
    """Remember that somebody leaves, for ten minutes; `connection` is a provider's id or
    `sso:<team>`.

    With a `user` the identity will be linked to them, without one somebody signs in. Raises Invalid
    for a `return_to` or a PKCE `challenge` that is none.
    """
    if not is_challenge(challenge):
        raise _wrong("challenge", "The challenge is the S256 challenge of RFC 7636: 43 characters.")
    try:
        check_return_to(return_to, console_url())
    except ValueError as error:
        raise _wrong("return_to", str(error)) from None
    leaving = Departure(secrets.token_urlsafe(32), secrets.token_urlsafe(32), new_verifier())
    rows.new_away(
        leaving.state,
        connection=connection,
        return_to=return_to,
        challenge=challenge,
        nonce=leaving.nonce,
        verifier=leaving.verifier,
        user=user,
    ).save(condition=rows.AwayRow.pk.does_not_exist())
    return leaving


def take(state: str, connection: str = "") -> rows.AwayRow:
    """Who left with this state, once only; raises Problem `state_invalid`.

    `connection` is where they came back, for connections that have an address of their own: a
    provider must not be able to hand on what another one sent.
    """
    away = rows.take_away(state) if 20 <= len(state) <= 200 else None
    if away is None or (connection and away.connection != connection):
        raise Problem(
            "state_invalid",
            "This sign-in is unknown, over, or older than ten minutes.",
            hint="Begin again where you began.",
            status=400,
        )
    return away


def arrive(external: External, away: rows.AwayRow) -> str:
    """Where the browser goes with a code that is good for a minute and one use."""
    code = secrets.token_urlsafe(32)
    rows.new_arrival(code, away.challenge, away.user, **asdict(external)).save(
        condition=rows.ArrivalRow.pk.does_not_exist()
    )
    return with_answer(away.return_to, code=code)


def turn_away(away: rows.AwayRow, error: str) -> str:
    """Where the browser goes when nobody came back; `error` is a code of ours."""
    return with_answer(away.return_to, error=error)


def redeem(code: str, verifier: str, user: str = "") -> External:
    """Who came back with a code, once; raises Problem `arrival_invalid`.

    `user` is who links an identity; a code of a link is no good for signing in, and the reverse.
    A wrong verifier does not use the code up: only its owner has the right one.
    """
    found = rows.arrival_of(code) if 20 <= len(code) <= 200 else None
    if (
        found is None
        or found.user != user
        or not proves(verifier, found.challenge)
        or not rows.take_arrival(found)
    ):
        raise Problem(
            "arrival_invalid",
            "This code is unknown, used, older than a minute, or another client's.",
            hint="Begin the sign-in again.",
            status=400,
        )
    return External(
        found.provider,
        found.subject,
        email=found.email,
        email_verified=found.email_verified,
        name=found.name,
        strong=found.strong,
        sso=found.sso,
    )


def _wrong(field: str, rule: str) -> Invalid:
    return Invalid(
        "invalid_request",
        rule,
        hint="Correct the fields listed in `errors`.",
        errors=(FieldError(f"/{field}", rule),),
    )
