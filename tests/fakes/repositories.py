"""Repositories without git."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.ports import Head, Repositories


@dataclass
class FakeRepository:
    """Branches, commits and their archives."""

    heads: dict[str, Head] = field(default_factory=dict)
    commits: dict[str, dict[str, str]] = field(default_factory=dict)
    archives: dict[str, bytes] = field(default_factory=dict)


@dataclass
class FakeRepositories(Repositories):
    """Repositories by project id; `push` adds a commit to a branch."""

    all: dict[str, FakeRepository] = field(default_factory=dict)
    url: str | None = "http://localhost:8080/git"

    def remote(self) -> str | None:
        return self.url

    def push(
        self,
        project: str,
        branch: str,
        commit: str,
        archive: bytes = b"",
        message: str = "a commit",
    ) -> Head:
        """Move a branch to a new commit."""
        repository = self.all.setdefault(project, FakeRepository())
        head = Head(branch, commit, len(repository.commits) + 1)
        repository.heads[branch] = head
        repository.archives[commit] = archive
        repository.commits[commit] = {
            "commit": commit,
            "message": message,
            "author": "Ada <ada@example.com>",
            "time": "2026-01-01T00:00:00.000Z",
        }
        return head

    def create(self, project: str) -> None:
        self.all.setdefault(project, FakeRepository())

    def remove(self, project: str) -> None:
        self.all.pop(project, None)

    def projects(self) -> list[str]:
        return sorted(self.all)

    def heads(self, project: str) -> list[Head]:
        repository = self.all.get(project)
        return list(repository.heads.values()) if repository else []

    def commit(self, project: str, reference: str) -> dict[str, str] | None:
        repository = self.all.get(project)
        if repository is None:
            return None
        head = repository.heads.get(reference)
        return repository.commits.get(head.commit if head else reference)

    def archive(self, project: str, commit: str) -> bytes | None:
        repository = self.all.get(project)
        return repository.archives.get(commit) if repository else None
