"""A git host in memory: repositories, their branches, and what it was told."""

from __future__ import annotations

import hmac
import io
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, BinaryIO

from chalicelib.git import providers
from chalicelib.git.providers import (
    App,
    Apps,
    Delivery,
    Forged,
    Link,
    Provider,
    Refused,
    Report,
    Repository,
    Tip,
)
from chalicelib.git.rules import PullRequest, Push, Tag


@dataclass
class Hosted:
    """One repository of the host."""

    identity: str
    name: str
    branch: str = "main"
    refs: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    token: str = ""


@dataclass
class FakeProvider(Provider, Apps):
    """A host called `name`. Its webhooks are `{"delivery","repository","events":[...]}`, signed in
    `x-signature` with HMAC-SHA256; `hooks` are those that it was asked to send."""

    name: str = "github"
    hosted: dict[str, Hosted] = field(default_factory=dict)
    hooks: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    comments: dict[str, tuple[int, str]] = field(default_factory=dict)
    managed: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hooks_itself: bool = True
    down: bool = False

    def host(self, name: str = "ada/site", commit: str = "a" * 40, **more: Any) -> Hosted:
        """A repository with one branch."""
        made = Hosted(str(len(self.hosted) + 101), name, refs={"refs/heads/main": commit}, **more)
        self.hosted[name] = made
        return made

    def _at(self, link: Link, what: str) -> Hosted:
        self.asked.append(what)
        if self.down:
            raise OSError("no answer")
        found = self.hosted.get(link.repository)
        if found is None:
            raise Refused("repo_not_found", "There is no such repository.")
        if found.token and found.token != link.secret:
            raise Refused("repo_access_denied", "The token does not open it.")
        return found

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: list[str]) -> None:
        given = headers.get("x-signature", "")
        if not given:
            raise Forged("signature_missing", "none")
        if not any(hmac.compare_digest(given.encode(), sign(s, body).encode()) for s in secrets):
            raise Forged("signature_invalid", "wrong")
        if headers.get("x-old"):
            raise Forged("signature_expired", "old")

    def read(self, headers: Mapping[str, str], body: bytes, project: str, now: int) -> Delivery:
        told = json.loads(body)
        kinds: dict[str, Any] = {"push": Push, "tag": Tag, "pull": PullRequest}
        events = tuple(
            kinds[e.pop("kind")](project=project, sequence=now, provider=self.name, **e)
            for e in told.get("events", [])
        )
        return Delivery(
            told["delivery"],
            told["repository"],
            told.get("kind", "push"),
            events,
            told.get("installation", ""),
        )

    def repository(self, link: Link) -> Repository:
        found = self._at(link, "repository")
        return Repository(found.identity, found.name, found.branch, host_key=link.host_key)

    def tip(self, link: Link, ref: str) -> Tip | None:
        found = self._at(link, "tip")
        commit = found.refs.get(ref, ref if ref in found.refs.values() else "")
        return Tip(commit, found.messages.get(commit, "a commit")) if commit else None

    def heads(self, link: Link) -> dict[str, str]:
        refs = self._at(link, "heads").refs
        return {r.removeprefix("refs/heads/"): c for r, c in refs.items() if "/heads/" in r}

    def pull(self, link: Link, number: int) -> PullRequest | None:
        return self._at(link, "pull").pulls.get(number)

    def fetch(self, link: Link, commit: str, into: BinaryIO, limit: int) -> None:
        if commit not in self._at(link, "fetch").refs.values():
            raise Refused("commit_not_found", "The host does not have it.")
        into.write(packed({"index.html": commit.encode()}))

    def hook(self, link: Link, url: str, secret: str) -> bool:
        self._at(link, "hook")
        if self.hooks_itself:
            self.hooks[url] = secret
        return self.hooks_itself

    def unhook(self, link: Link, url: str) -> None:
        self._at(link, "unhook")
        self.hooks.pop(url, None)

    def report(self, link: Link, report: Report) -> str:
        self._at(link, "report")
        known = report.external or f"r{len(self.reports) + 1}"
        self.reports[known] = replace(report, external=known)
        return known

    def comment(self, link: Link, number: int, text: str, known: str = "") -> str:
        self._at(link, "comment")
        known = known or f"c{len(self.comments) + 1}"
        self.comments[known] = (number, text)
        return known

    def describe(self, app: App) -> str:
        if app.key == "wrong":
            raise Refused("repo_access_denied", "GitHub does not know this key.")
        return "our-deck"

    def installations(self, app: App, code: str) -> dict[str, str]:
        return self.managed.get(code, {})

    def repositories(self, app: App, installation: str) -> list[Repository]:
        return [Repository(h.identity, h.name, h.branch) for h in self.hosted.values()]


def sign(secret: str, body: bytes) -> str:
    """How the fake host signs."""
    return hmac.new(secret.encode(), body, sha256).hexdigest()


def packed(files: dict[str, bytes]) -> bytes:
    """A .tar.gz."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            archive.addfile(info, io.BytesIO(body))
    return out.getvalue()


@contextmanager
def installed(*names: str) -> Iterator[dict[str, FakeProvider]]:
    """Fake hosts under these names, in place of whoever speaks for them."""
    makers, made = dict(providers._makers), dict(providers._made)
    fakes = {name: FakeProvider(name) for name in names}
    try:
        for name, fake in fakes.items():
            providers.register(name, lambda fake=fake: fake)
        yield fakes
    finally:
        providers._makers.clear()
        providers._makers.update(makers)
        providers._made.clear()
        providers._made.update(made)
