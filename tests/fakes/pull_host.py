"""A git host in a dict: what its branches, tags and pull requests are now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from chalicelib.git.providers import Link, Tip
from chalicelib.git.rules import PullRequest, Push, Tag


@dataclass
class PullHost:
    """Answers like a provider; `silent` makes it answer nobody."""

    tips: dict[str, Tip] = field(default_factory=dict)
    pulls: dict[int, PullRequest] = field(default_factory=dict)
    silent: bool = False
    name: str = "github"

    def tip(self, _link: Link, ref: str) -> Tip | None:
        """What a ref, or a commit, is."""
        self._heard()
        return self.tips.get(ref)

    def pull(self, _link: Link, number: int) -> PullRequest | None:
        """A pull request as it is."""
        self._heard()
        return self.pulls.get(number)

    def fetch(self, _link: Link, commit: str, into: Any, _limit: int) -> None:
        """Some bytes that depend on the commit."""
        self._heard()
        into.write(b"tar of " + commit.encode())

    def _heard(self) -> None:
        if self.silent:
            raise ConnectionError("the host does not answer")

    def push(self, project: str, branch: str, commit: str, sequence: int, **more: Any) -> Push:
        """A branch moves; returns what the host tells of it."""
        self.tips[f"refs/heads/{branch}"] = self.tips[commit] = Tip(commit, f"to {branch}", **more)
        return Push(project, branch, commit, sequence, "ada", provider=self.name)

    def tag(self, project: str, name: str, commit: str, sequence: int) -> Tag:
        """A tag is made."""
        self.tips[f"refs/tags/{name}"] = self.tips[commit] = Tip(commit, f"as {name}")
        return Tag(project, name, commit, sequence, "ada", provider=self.name)

    def open(self, project: str, number: int, commit: str, sequence: int, **more: Any) -> Any:
        """A pull request is opened, or changes; by default a member's, of this repository."""
        facts: dict[str, Any] = {
            "action": "updated",
            "branch": "feature/x",
            "base": "main",
            "repository": "acme/site",
            "fork": False,
            "author": "ada",
            "member": True,
            "bot": False,
            **more,
        }
        event = PullRequest(project, number, commit=commit, sequence=sequence, **facts)
        self.pulls[number] = replace(event, sequence=0)
        if not event.fork:
            self.tips[f"refs/heads/{event.branch}"] = self.tips[commit] = Tip(commit, "a commit")
        return event

    def close(self, event: PullRequest, sequence: int) -> PullRequest:
        """A pull request is closed."""
        closed = replace(event, action="closed", sequence=sequence)
        self.pulls[event.number] = closed
        return closed


@contextmanager
def connected(host: PullHost, project: Any) -> Iterator[None]:
    """The project is connected with its repository at the host."""
    from chalicelib.git.actions import opening
    from chalicelib.git.rows import links

    row = links.new(
        project.id,
        team=project.team,
        provider=host.name,
        base="https://github.com",
        repository="acme/site",
        url="https://github.com/acme/site",
        credential="",
        installation="",
        user="",
        public_key="",
        state="ok",
        made="lnk_x",
        connected_at="",
        connected_by="",
    )
    link = Link(project.id, host.name, "https://github.com", "acme/site")
    assert links.add(row)
    with (
        patch.object(opening, "provider_of", lambda _row: host),
        patch.object(opening, "link_of", lambda _row: link),
    ):
        yield
