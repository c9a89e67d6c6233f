"""A GitHub App: who it is, where it is installed, and tokens for one repository and a moment."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import urlencode

from chalicelib.core import clock, outbound
from chalicelib.git.providers import App, Link, Refused, Repository, payloads
from chalicelib.git.providers.rest import RECONNECT, Api

VERSION = "2022-11-28"
_JWT_SECONDS = 9 * 60  # ten minutes are the most
_SKEW_SECONDS = 60


def api_of(base: str) -> str:
    """Where the API of a host is; GitHub's own is on a host of its own."""
    return "https://api.github.com" if base == "https://github.com" else f"{base}/api/v3"


def headers(token: str) -> dict[str, str]:
    """Headers of a request, with a token or, for public repositories, without."""
    found = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION}
    return {**found, "Authorization": f"Bearer {token}"} if token else found


def proof(identifier: str, key: str) -> str:
    """What proves to GitHub that we are the App: a token (RS256) that it made no secret for."""
    import jwt

    now = clock.epoch()
    claims = {"iat": now - _SKEW_SECONDS, "exp": now + _JWT_SECONDS, "iss": identifier}
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise Refused(
            "repo_access_denied",
            "The private key of the GitHub App is not an RSA key in PEM form.",
            "Make a new one on the App's page at GitHub and save it again.",
        ) from None


def mint(link: Link, permissions: dict[str, str], what: str) -> str:
    """A token for one repository with these permissions; it lives an hour unless it is revoked."""
    wanted: dict[str, Any] = {"permissions": permissions}
    if link.identity.isascii() and link.identity.isdigit():
        wanted["repository_ids"] = [int(link.identity)]
    else:
        wanted["repositories"] = [link.repository.rpartition("/")[2]]
    api = Api(api_of(link.base), what, headers(proof(link.user, link.secret)))
    return _installation_token(api, link.installation, wanted)


def revoke(api: Api) -> None:
    """Make a token worthless. One that cannot be reached dies by itself within the hour."""
    with contextlib.suppress(OSError, Refused):
        api.send("DELETE", "installation/token", also=(404,))


def describe(app: App) -> str:
    """The App's slug, which proves that key and id belong together."""
    found = _as_app(app).must("GET", "app")
    return payloads.needed(found, "slug")


def installations(app: App, code: str) -> dict[str, str]:
    """Installation -> account, of those that the person who brought `code` may manage.

    Raises Refused when GitHub does not know the code, or spent it before.
    """
    token = _exchange(app, code)
    api = Api(api_of(app.base), "the App's installations", headers(token))
    found = {}
    try:
        for page in range(1, 11):
            data = api.must("GET", f"user/installations?per_page=100&page={page}")
            entries = payloads.items(data, "installations")
            for entry in entries:
                if str(payloads.at(entry, "app_id")) == app.identifier:
                    number = str(payloads.number(entry, "id"))
                    found[number] = payloads.text(entry, "account", "login")
            if len(entries) < 100:
                break
    finally:
        _forget(app, token)
    return found


def repositories(app: App, installation: str) -> list[Repository]:
    """What an installation may see."""
    wanted = {"permissions": {"metadata": "read"}}
    what = "the repositories of this installation"
    as_app = Api(api_of(app.base), what, headers(proof(app.identifier, app.key)))
    token = _installation_token(as_app, installation, wanted)
    api = Api(api_of(app.base), what, headers(token))
    found: list[Repository] = []
    try:
        for page in range(1, 21):
            data = api.must("GET", f"installation/repositories?per_page=100&page={page}")
            entries = payloads.items(data, "repositories")
            found += [repository_of(entry) for entry in entries]
            if len(entries) < 100:
                break
    finally:
        revoke(api)
    return found


def repository_of(data: Any) -> Repository:
    """A repository as GitHub describes it."""
    return Repository(
        identity=str(payloads.number(data, "id")),
        name=payloads.needed(data, "full_name"),
        default_branch=payloads.text(data, "default_branch"),
        private=payloads.at(data, "private") is not False,
        url=payloads.text(data, "html_url", most=500),
    )


def _installation_token(api: Api, installation: str, wanted: dict[str, Any]) -> str:
    if not installation.isascii() or not installation.isdigit():
        raise Refused("repo_access_denied", "The link names no installation.", RECONNECT)
    reply = api.send(
        "POST", f"app/installations/{installation}/access_tokens", wanted, also=(404, 422)
    )
    if reply.status == 404:
        raise Refused(
            "repo_access_denied", "The GitHub App is not installed there any more.", RECONNECT
        )
    if reply.status == 422:
        raise Refused(
            "repo_access_denied",
            f"The GitHub App's installation may not do this with {api.what}.",
            "Let it see the repository, and accept the permissions that it asks for, at GitHub.",
        )
    return payloads.needed(reply.json(), "token")


def _as_app(app: App) -> Api:
    key = proof(app.identifier, app.key)
    return Api(api_of(app.base), "the GitHub App", headers(key))


def _exchange(app: App, code: str) -> str:
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "code": code}
    reply = outbound.request(
        "POST",
        f"{app.base}/login/oauth/access_token",
        headers={
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        body=urlencode(form).encode(),
    )
    token = payloads.text(reply.json(), "access_token", most=1000) if reply.status == 200 else ""
    if not token:
        raise Refused(
            "repo_access_denied",
            "GitHub does not know the code that came back, or it was used before.",
            "Connect once more.",
        )
    return token


def _forget(app: App, token: str) -> None:
    """Revoke a person's token, which takes the App's own password."""
    from chalicelib.git.providers.wire import basic

    place = f"applications/{app.client_id}/token"
    opened = {**headers(""), **basic(app.client_id, app.client_secret)}
    with contextlib.suppress(OSError, Refused):
        Api(api_of(app.base), "a token", opened).send(
            "DELETE", place, {"access_token": token}, also=(404, 422)
        )
