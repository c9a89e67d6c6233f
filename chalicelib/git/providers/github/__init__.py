"""GitHub and GitHub Enterprise Server, through a GitHub App or with a person's token.

https://docs.github.com/en/rest and https://docs.github.com/en/webhooks say what is spoken here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from chalicelib.git.providers import (
    App,
    Delivery,
    Link,
    Refused,
    Report,
    Repository,
    Tip,
    payloads,
    signatures,
    wire,
)
from chalicelib.git.providers.github import app, comments, events, reports
from chalicelib.git.providers.rest import Api, path_of, quoted
from chalicelib.git.rules import PullRequest, is_commit

_MAY_WRITE = {"admin", "maintain", "write"}


class GitHub:
    """The provider `github` (and its App)."""

    name = "github"

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: list[str]) -> None:
        """`X-Hub-Signature-256`; the older SHA-1 one is not looked at."""
        signatures.check_hex(headers.get("x-hub-signature-256", ""), body, secrets, "sha256=")

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        """Events `push`, `delete` and `pull_request`; the rest is ignored."""
        return events.read(headers, body, project, now)

    def repository(self, link: Link) -> Repository:
        """By its name now, which leads to one that was renamed as well."""
        with _opened(link, metadata="read") as api:
            return app.repository_of(api.must("GET", _repo(link)))

    def tip(self, link: Link, ref: str) -> Tip | None:
        """Three requests, four for an annotated tag."""
        with _opened(link, contents="read") as api:
            _is_ours(api, link)
            commit = ref if is_commit(ref) else _commit_of(api, link, ref)
            found = api.get(f"{_repo(link)}/git/commits/{commit}") if commit else None
            if found is None:
                return None
        return Tip(
            payloads.commit(found, "sha"),
            payloads.text(found, "message", most=payloads.MESSAGE),
            payloads.text(found, "author", "name"),
            payloads.text(found, "committer", "date"),
            payloads.at(found, "verification", "verified") is True,
            payloads.text(found, "author", "name").endswith("[bot]"),
        )

    def heads(self, link: Link) -> dict[str, str]:
        """Asked of git, which has no pages."""
        with _opened(link, contents="read") as api:
            _is_ours(api, link)
            return wire.heads(_git(link, api))

    def pull(self, link: Link, number: int) -> PullRequest | None:
        """With the author's present right to write, which a webhook does not tell."""
        with _opened(link, pull_requests="read") as api:
            found = api.get(f"{_repo(link)}/pulls/{number}")
            if found is None:
                return None
            _is_same(link, str(payloads.number(found, "base", "repo", "id")))
            closed = payloads.text(found, "state") == "closed"
            pull = events.pull_of(found, link.project, "closed" if closed else "updated", 0)
            return events.with_member(pull, _may_write(api, link, pull))

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        """With a token of the App for reading this one repository, revoked afterwards."""
        with _opened(link, contents="read") as api:
            wire.fetch(_git(link, api), commit, into, limit)

    def hook(self, link: Link, url: str, secret: str) -> bool:
        """An App has one webhook for everything; with a token the repository gets one."""
        if link.credential == "app":
            return True
        wanted = {
            "active": True,
            "events": ["push", "pull_request", "delete"],
            "config": {"url": url, "content_type": "json", "secret": secret, "insecure_ssl": "0"},
        }
        with _opened(link) as api:
            try:
                known = _hook(api, link, url)
                place = f"{_repo(link)}/hooks"
                if known:
                    api.must("PATCH", f"{place}/{known}", wanted)
                else:
                    api.must("POST", place, {"name": "web", **wanted})
            except Refused:  # the token may read, and not set this up
                return False
        return True

    def unhook(self, link: Link, url: str) -> None:
        """Remove the webhook that `hook` made."""
        if link.credential == "app":
            return
        with _opened(link) as api:
            known = _hook(api, link, url)
            if known:
                api.send("DELETE", f"{_repo(link)}/hooks/{known}", also=(404,))

    def report(self, link: Link, report: Report) -> str:
        """A check run (App) or a commit status (token), and GitHub's own deployments."""
        asked = {"deployments": "write", "checks": "write"}
        with _opened(link, **asked) as api:
            return reports.show(api, _repo(link), report, link.credential == "app")

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        """In the conversation of the pull request."""
        with _opened(link, pull_requests="write") as api:
            return comments.write(api, link, number, text, known)

    # of the App

    def describe(self, of: App) -> str:
        """The App's slug."""
        return app.describe(of)

    def installations(self, of: App, code: str) -> dict[str, str]:
        """What the person who brought an OAuth code manages."""
        return app.installations(of, code)

    def repositories(self, of: App, installation: str) -> list[Repository]:
        """What an installation may see."""
        return app.repositories(of, installation)


@contextmanager
def _opened(link: Link, **permissions: str) -> Iterator[Api]:
    """The API, with no more rights than named, for this repository alone, and not for longer."""
    base = app.api_of(link.base)
    what = f"{link.repository} at {link.base.partition('://')[2]}"
    if link.credential != "app":
        yield Api(base, what, app.headers(link.secret))
        return
    token = app.mint(link, permissions, what)
    api = Api(base, what, app.headers(token))
    try:
        yield api
    finally:
        app.revoke(api)


def _git(link: Link, api: Api) -> wire.Http:
    token = api.headers.get("Authorization", "").removeprefix("Bearer ")
    opened = wire.basic("x-access-token", token) if token else {}
    return wire.Http(f"{link.base}/{path_of(link.repository)}.git", opened)


def _is_ours(api: Api, link: Link) -> None:
    """Raise Refused when somebody else's repository has the name now: names are given again, also
    to strangers, and then say nothing of what is deployed."""
    _is_same(link, app.repository_of(api.must("GET", _repo(link))).identity)


def _is_same(link: Link, identity: str) -> None:
    if link.identity and link.identity != identity:
        raise Refused(
            "repository_replaced",
            f"Another repository is called {link.repository} now.",
            "Connect it anew if it is the one you mean.",
        )


def _commit_of(api: Api, link: Link, ref: str) -> str:
    """The commit that a full ref names, through an annotated tag; empty when there is none."""
    found = api.get(f"{_repo(link)}/git/ref/{path_of(ref.removeprefix('refs/'))}")
    for _ in range(5):
        if payloads.at(found, "object", "type") != "tag":
            break
        found = api.get(f"{_repo(link)}/git/tags/{payloads.commit(found, 'object', 'sha')}")
    if payloads.at(found, "object", "type") != "commit":
        return ""
    return payloads.commit(found, "object", "sha")


def _may_write(api: Api, link: Link, pull: PullRequest) -> bool:
    """Whether the author may write now. A token may not be allowed to ask: then what GitHub calls
    the author counts."""
    try:
        found = api.get(f"{_repo(link)}/collaborators/{quoted(pull.author)}/permission")
    except Refused:
        return pull.member
    return payloads.text(found, "permission") in _MAY_WRITE


def _hook(api: Api, link: Link, url: str) -> int:
    for entry in api.pages(f"{_repo(link)}/hooks?per_page=100"):
        if payloads.at(entry, "config", "url") == url:
            return payloads.number(entry, "id")
    return 0


def _repo(link: Link) -> str:
    return f"repos/{path_of(link.repository)}"


def make() -> Any:
    """The provider, for the registry."""
    return GitHub()
