"""Any server that speaks git, over HTTPS with a token or over SSH with a deploy key.

Such a server tells what happens in our own format, which a hook of a few lines can send, or in
that of Gitea, which Forgejo and Gogs share. Without either, its branches are looked at regularly.
"""

# ruff: noqa: ARG002  # a provider is told all of this, whether or not its host has a place for it

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from chalicelib.git.providers import (
    Delivery,
    Link,
    Refused,
    Report,
    Repository,
    Tip,
    gitea,
    payloads,
    signatures,
    wire,
)
from chalicelib.git.providers.wire.ssh import Ssh
from chalicelib.git.rules import PullRequest, is_commit


class PlainGit:
    """The provider `git`."""

    name = "git"

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: list[str]) -> None:
        """`X-CloudDeck-Signature: t=<seconds>,v1=<hex>`, or what Gitea, Forgejo and Gogs send."""
        given = headers.get("x-clouddeck-signature", "")
        foreign = gitea.signature(headers)
        if foreign and not given:
            signatures.check_hex(foreign, body, secrets)
        else:
            signatures.check_ours(given, body, secrets)

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        """`{"ref","before","after","delivery"}`, where `pusher` and `message` may be added."""
        if gitea.event_of(headers):
            return gitea.read(headers, body, project, now)
        data = payloads.parse(body)
        new = payloads.needed(data, "after")
        event = payloads.moved(
            payloads.needed(data, "ref"),
            new,
            project=project,
            provider="git",
            sequence=now,
            bot=False,  # whoever holds the secret says so
            pusher=payloads.text(data, "pusher"),
            message=payloads.text(data, "message", most=payloads.MESSAGE),
            previous=payloads.text(data, "before"),
        )
        kind = "deleted" if payloads.gone(new) else "ignored"
        return payloads.delivery(payloads.needed(data, "delivery"), "", [event], otherwise=kind)

    def repository(self, link: Link) -> Repository:
        """Its address is its identity. The key of an SSH host is seen here, and kept."""
        seen = _ssh(link).seen_host_key() if _is_ssh(link) else ""
        way = _way(link, seen)
        url = f"{link.base}/{link.repository}"
        default = wire.default_branch(way)
        return Repository(url, link.repository, default, url=url, host_key=seen)

    def tip(self, link: Link, ref: str) -> Tip | None:
        """Asked of git, and described by the commit itself."""
        way = _way(link)
        commit = ref if is_commit(ref) else wire.refs(way, [ref]).get(ref, "")
        if not commit:
            return None
        try:
            return wire.describe(way, commit)
        except Refused as refused:
            if refused.code == "commit_not_found":
                return None
            raise

    def heads(self, link: Link) -> dict[str, str]:
        """Every branch."""
        return wire.heads(_way(link))

    def pull(self, link: Link, number: int) -> PullRequest | None:
        """Only servers with Gitea's API can be asked; git itself knows no pull requests."""
        if _is_ssh(link):
            raise Refused("repo_access_denied", "Pull requests cannot be asked for over SSH.")
        return gitea.pull(link, number)

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        """The tree of a commit."""
        wire.fetch(_way(link), commit, into, limit)

    def hook(self, link: Link, url: str, secret: str) -> bool:
        """A person has to set it up."""
        return False

    def unhook(self, link: Link, url: str) -> None:
        """A person has to take it away."""

    def report(self, link: Link, report: Report) -> str:
        """Git has no place for it."""
        return ""

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        """Git has no place for it."""
        return ""


def _is_ssh(link: Link) -> bool:
    return link.base.startswith("ssh://")


def _ssh(link: Link, host_key: str = "") -> Ssh:
    return Ssh(link.base, link.repository, link.secret, host_key or link.host_key)


def _way(link: Link, host_key: str = "") -> wire.Transport:
    if _is_ssh(link):
        return _ssh(link, link.host_key or host_key)
    opened = wire.basic(link.user or "git", link.secret) if link.secret else {}
    return wire.Http(f"{link.base}/{link.repository}", opened)


def make() -> Any:
    """The provider, for the registry."""
    return PlainGit()
