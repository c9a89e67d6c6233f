"""The dialects of GitHub and of Bitbucket: OAuth 2.0 with an API that says who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.local.idp.exchange import Reply, Request, asker, redeem, unauthorised

if TYPE_CHECKING:
    from adapters.local.idp.server import Idp


def github_token(idp: Idp, request: Request) -> Reply:
    """A token for a code; an error comes with status 200, as with GitHub."""
    grant = redeem(idp, request)
    if isinstance(grant, str):
        code = {"invalid_client": "incorrect_client_credentials"}.get(
            grant, "bad_verification_code"
        )
        return Reply(200, {"error": code, "error_description": "It was not accepted."})
    token = idp.grants.token(grant)
    return Reply(200, {"access_token": token, "token_type": "bearer", "scope": "user:email"})


def github_user(idp: Idp, request: Request) -> Reply:
    """The user, without a public e-mail address."""
    grant = asker(idp, request)
    if grant is None:
        return unauthorised()
    one = grant.person
    return Reply(200, {"id": one.number, "login": one.login, "name": one.shown, "email": None})


def github_emails(idp: Idp, request: Request) -> Reply:
    """The addresses of the user, the primary one not first."""
    grant = asker(idp, request)
    if grant is None:
        return unauthorised()
    one = grant.person
    other = {"email": f"{one.number}+{one.login}@users.noreply.github.com"}
    return Reply(
        200,
        [
            {**other, "primary": False, "verified": True, "visibility": None},
            {
                "email": one.email,
                "primary": True,
                "verified": one.verified,
                "visibility": "private",
            },
        ],
    )


def bitbucket_token(idp: Idp, request: Request) -> Reply:
    """A token for a code; the client proves itself by HTTP Basic."""
    grant = redeem(idp, request, basic_only=True)
    if isinstance(grant, str):
        return Reply(400, {"error": grant})
    token = idp.grants.token(grant)
    return Reply(200, {"access_token": token, "token_type": "bearer", "scopes": "account email"})


def bitbucket_user(idp: Idp, request: Request) -> Reply:
    """The user."""
    grant = asker(idp, request)
    if grant is None:
        return unauthorised()
    one = grant.person
    return Reply(
        200,
        {
            "type": "user",
            "uuid": f"{{{one.guid}}}",
            "display_name": one.shown,
            "nickname": one.login,
        },
    )


def bitbucket_emails(idp: Idp, request: Request) -> Reply:
    """The addresses of the user, confirmed or not."""
    grant = asker(idp, request)
    if grant is None:
        return unauthorised()
    one = grant.person
    found = {"email": one.email, "is_primary": True, "is_confirmed": one.verified, "type": "email"}
    return Reply(200, {"values": [found], "pagelen": 10, "size": 1, "page": 1})
