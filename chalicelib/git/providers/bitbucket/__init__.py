"""Bitbucket: two products of one name. Cloud is at bitbucket.org, Data Center everywhere else.

Both sign webhooks alike; what they say, and how they are asked, has nothing in common.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from chalicelib.git.providers import (
    Delivery,
    Link,
    Report,
    Repository,
    Tip,
    signatures,
    wire,
)
from chalicelib.git.providers.bitbucket import cloud, server
from chalicelib.git.rules import PullRequest

CLOUD = "https://bitbucket.org"


class Bitbucket:
    """The provider `bitbucket`. `home` is where Cloud is, and `api` its API."""

    name = "bitbucket"

    def __init__(self, home: str = CLOUD, api: str = "https://api.bitbucket.org/2.0") -> None:
        self._home = home
        self._cloud = cloud.Cloud(home, api)
        self._server = server.Server()

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: list[str]) -> None:
        """`X-Hub-Signature`, which is SHA-256 here."""
        signatures.check_hex(headers.get("x-hub-signature", ""), body, secrets, "sha256=")

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        """Cloud numbers its requests with `X-Request-UUID`, Data Center with `X-Request-Id`."""
        if "x-request-uuid" in headers:
            return self._cloud.read(headers, body, project, now)
        return self._server.read(headers, body, project, now)

    def repository(self, link: Link) -> Repository:
        """By its name now."""
        return self._at(link).repository(link)

    def tip(self, link: Link, ref: str) -> Tip | None:
        """Signatures of commits are not told by either."""
        return self._at(link).tip(link, ref)

    def heads(self, link: Link) -> dict[str, str]:
        """Asked of git, which has no pages."""
        return wire.heads(self._at(link).git(link))

    def pull(self, link: Link, number: int) -> PullRequest | None:
        """As far as the token may ask, with the author's right to write."""
        return self._at(link).pull(link, number)

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        """Over HTTPS, with the token for this one conversation."""
        wire.fetch(self._at(link).git(link), commit, into, limit)

    def hook(self, link: Link, url: str, secret: str) -> bool:
        """Needs a token of an administrator; False with less."""
        return self._at(link).hook(link, url, secret)

    def unhook(self, link: Link, url: str) -> None:
        """Remove the webhook that `hook` made."""
        self._at(link).unhook(link, url)

    def report(self, link: Link, report: Report) -> str:
        """A build status, one per key."""
        return self._at(link).report(link, report)

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        """Below the pull request."""
        return self._at(link).comment(link, number, text, known)

    def _at(self, link: Link) -> cloud.Cloud | server.Server:
        return self._cloud if link.base == self._home else self._server


def make() -> Any:
    """The provider, for the registry."""
    return Bitbucket()
