"""What we ask of a git host, whichever it is, and which hosts there are.

One implementation per host in this folder, and `clouds/aws/codecommit.py`. A provider is handed a
`Link`, never a row: it knows how its host speaks, not how we remember. Everything that a host
sends is checked here; what leaves is our own dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from chalicelib.git.rules import PullRequest, Push, Tag


@dataclass(frozen=True)
class Link:
    """A project's repository at a host, with what opens it.

    `base` is the host's URL (`https://github.com`, `https://git.example.org`,
    `ssh://git@git.example.org:22`), `repository` its full name there (`owner/name`), `identity`
    the host's own id of it. What `secret` is, `credential` says:

    - `app`: the private key (PEM) of the GitHub App whose id is `user`; `installation` is its
      installation at the owner of the repository;
    - `token`: a token, sent as the password of `user` where the host wants a user's name;
    - `ssh`: a private key in OpenSSH's format; `host_key` is the host's own key (`ssh-ed25519
      AAAA...`) as `repository()` saw it first, and any other is refused.
    """

    project: str
    provider: str
    base: str
    repository: str
    identity: str = ""
    installation: str = ""
    credential: str = ""  # "" | app | token | ssh
    secret: str = field(default="", repr=False)
    user: str = ""
    host_key: str = ""


@dataclass(frozen=True)
class Repository:
    """What a host says of a repository that shall be linked.

    `identity` and `host_key` are kept in the link; `url` is for people.
    """

    identity: str
    name: str
    default_branch: str = ""
    private: bool = True
    url: str = ""
    host_key: str = ""


@dataclass(frozen=True)
class Tip:
    """A commit at the end of a ref. `verified` is the host's word on its signature, `bot` says that
    it is known to be a program's."""

    commit: str
    message: str = ""
    author: str = ""
    time: str = ""
    verified: bool | None = None
    bot: bool = False


@dataclass(frozen=True)
class Delivery:
    """A webhook, read. `repository` is the host's id of it, empty when a delivery has none.

    `kind` is `push`, `tag`, `pull_request`, or says why there are no events: `ping`, `deleted`
    (a ref went away) or `ignored` (of no interest here).
    """

    identifier: str
    repository: str
    kind: str
    events: tuple[Push | PullRequest | Tag, ...] = ()
    installation: str = ""


@dataclass(frozen=True)
class Report:
    """How a deployment fares, for the host to show beside the commit.

    `state` is `pending`, `success`, `failure` or `skipped`; `external` is the id that the host
    gave the earlier report of the same deployment, if there was one. The host lists it under
    `name`, which is the same for every deployment of a project to one environment.
    """

    deployment: str
    commit: str
    state: str
    environment: str
    title: str
    summary: str
    url: str
    details: str
    external: str = ""
    name: str = "CloudDeck"


class Refused(Exception):  # noqa: N818  # a state of things, not a fault
    """The host says no: `code` is `repo_access_denied`, `repo_not_found`, `commit_not_found`,
    `repository_replaced`, `source_too_large`, `source_rejected`, `git_url_not_allowed` or, for SSH,
    `host_key_changed`.
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


class Forged(Exception):  # noqa: N818  # a state of things, not a fault
    """A webhook whose signature is absent, wrong or old: `code` is `signature_missing`,
    `signature_invalid` or `signature_expired`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Provider(Protocol):
    """A kind of git host. Methods that ask the host raise Refused when it says no, and OSError
    when nobody answers."""

    name: str

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: list[str]) -> None:
        """Raise Forged unless the raw body was signed with one of the secrets (header names in
        lower case)."""

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        """A webhook in our words; `now` (nanoseconds) orders its events. Raises ValueError for
        what is not the host's format."""

    def repository(self, link: Link) -> Repository:
        """What the host says of the repository; the first thing that is asked with a new link."""

    def tip(self, link: Link, ref: str) -> Tip | None:
        """The commit that a full ref (`refs/heads/...`, `refs/tags/...`) or a commit id names
        now; None when there is none."""

    def heads(self, link: Link) -> dict[str, str]:
        """Branch -> commit of every branch."""

    def pull(self, link: Link, number: int) -> PullRequest | None:
        """A pull request as it is now (`action` is `updated` or `closed`, `sequence` 0)."""

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        """Write the tree of a commit as .tar.gz, without a folder around it, at most `limit`
        bytes. What opened the repository for this is good for nothing afterwards."""

    def hook(self, link: Link, url: str, secret: str) -> bool:
        """Have the host send webhooks to `url`; False when a person has to set that up."""

    def unhook(self, link: Link, url: str) -> None:
        """Have it send no more; no error when it did not."""

    def report(self, link: Link, report: Report) -> str:
        """Show a report beside its commit; returns the host's id of it, or an empty text."""

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        """Write a comment below a pull request, or replace the one with the id `known`; returns
        its id."""


@dataclass(frozen=True)
class App:
    """A GitHub App that whoever runs this installation registered; it proves itself by its key."""

    base: str
    identifier: str
    client_id: str
    key: str = field(repr=False)
    client_secret: str = field(repr=False)


class Apps(Protocol):
    """What the provider `github` is asked besides, of its App; raises as a Provider does."""

    def describe(self, app: App) -> str:
        """The App's slug at the host, which knows the key."""

    def installations(self, app: App, code: str) -> dict[str, str]:
        """Installation -> account, of those that the person who brought this OAuth code manages;
        their token is revoked afterwards."""

    def repositories(self, app: App, installation: str) -> list[Repository]:
        """What an installation may see."""


_makers: dict[str, Callable[[], Provider]] = {}
_made: dict[str, Provider] = {}


def register(name: str, make: Callable[[], Provider]) -> None:
    """Say who speaks with the hosts called `name` (wiring, or a test)."""
    _makers[name] = make
    _made.pop(name, None)


def names() -> list[str]:
    """The kinds of host that this installation knows."""
    return sorted(_makers)


def of(name: str) -> Provider:
    """The provider called `name`; raises LookupError."""
    if name not in _made:
        _made[name] = _makers[name]()
    return _made[name]
