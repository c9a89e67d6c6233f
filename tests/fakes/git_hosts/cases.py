"""Each kind of host with the same repository behind it, so that one suite asks all of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chalicelib.clouds.aws import codecommit
from chalicelib.git.providers import Link, Provider, bitbucket, github, gitlab, plain
from tests.fakes.git_hosts import bitbucket as fake_bitbucket
from tests.fakes.git_hosts import codecommit as fake_codecommit
from tests.fakes.git_hosts import github as fake_github
from tests.fakes.git_hosts import gitlab as fake_gitlab
from tests.fakes.git_hosts import plain as fake_plain
from tests.fakes.git_hosts.host import served
from tests.fakes.git_hosts.repository import Repository

NAME = "octo-org/hello-world"


@dataclass
class Case:
    """`wrong` is the link with something that does not open, `elsewhere` one to nothing."""

    provider: Provider
    host: Any
    link: Link
    repository: Repository
    identity: str
    name: str = NAME
    hooks: bool = True  # webhooks can be set up by us
    reports: bool = True
    comments: bool = True
    pulls: bool = True
    signs: bool = False  # the host tells whether a commit is signed
    wrong: list[Link] = field(default_factory=list)
    elsewhere: list[Link] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)

    def propose(self, number: int, **how: Any) -> None:
        """A pull request at the host: `fork`, `state` (open, closed, merged), `author`."""
        self.host.pulls[number] = _PULLS[self.provider.name, hasattr(self.host, "prefix")](
            self, number, _How(**how)
        )


@dataclass
class _How:
    commit: str
    fork: bool = False
    state: str = "open"
    author: str = "octocat"


def _github_pull(case: Case, number: int, how: _How) -> dict[str, Any]:
    theirs = {"id": 7, "full_name": "mona/hello-world"} if how.fork else None
    ours = {"id": fake_github.IDENTITY, "full_name": NAME}
    return {
        "number": number,
        "state": "open" if how.state == "open" else "closed",
        "merged": how.state == "merged",
        "title": "A change",
        "user": {"login": how.author, "type": "User"},
        "author_association": "NONE",
        "head": {"ref": "changes", "sha": how.commit, "repo": theirs or ours},
        "base": {"ref": "main", "repo": ours},
    }


def _gitlab_pull(case: Case, number: int, how: _How) -> dict[str, Any]:
    return {
        "iid": number,
        "state": {"open": "opened"}.get(how.state, how.state),
        "title": "A change",
        "sha": how.commit,
        "source_branch": "changes",
        "target_branch": "main",
        "source_project_id": 99 if how.fork else fake_gitlab.IDENTITY,
        "target_project_id": fake_gitlab.IDENTITY,
        "author": {"id": {"octocat": 4, "mona": 9}[how.author], "username": how.author},
    }


def _bitbucket_pull(case: Case, number: int, how: _How) -> dict[str, Any]:
    if isinstance(case.host, fake_bitbucket.FakeServer):
        state = {"open": "OPEN", "closed": "DECLINED", "merged": "MERGED"}[how.state]
        ours = {"id": 84, "slug": "hello-world", "project": {"key": "OCTO"}}
        theirs = {"id": 91, "slug": "hello-world", "project": {"key": "~MONA"}}
        return {
            "id": number,
            "state": state,
            "title": "A change",
            "fromRef": {
                "id": "refs/heads/changes",
                "latestCommit": how.commit,
                "repository": theirs if how.fork else ours,
            },
            "toRef": {"id": "refs/heads/main", "repository": ours},
            "author": {"user": {"name": how.author, "type": "NORMAL"}},
        }
    ours = {"uuid": fake_bitbucket.UUID, "full_name": NAME}
    theirs = {"uuid": "{fork}", "full_name": "mona/hello-world"}
    return {
        "id": number,
        "state": {"open": "OPEN", "closed": "DECLINED", "merged": "MERGED"}[how.state],
        "title": "A change",
        "author": {"nickname": how.author, "type": "user"},
        "source": {
            "branch": {"name": "changes"},
            "commit": {"hash": how.commit[:12]},
            "repository": theirs if how.fork else ours,
        },
        "destination": {"branch": {"name": "main"}, "repository": ours},
    }


def _codecommit_pull(case: Case, number: int, how: _How) -> dict[str, Any]:
    return {
        "pullRequestId": str(number),
        "title": "A change",
        "pullRequestStatus": "OPEN" if how.state == "open" else "CLOSED",
        "authorArn": f"arn:aws:iam::123456789012:user/{how.author}",
        "pullRequestTargets": [
            {
                "repositoryName": fake_codecommit.NAME,
                "sourceReference": "refs/heads/changes",
                "destinationReference": "refs/heads/main",
                "sourceCommit": how.commit,
                "destinationCommit": how.commit,
                "mergeMetadata": {"isMerged": how.state == "merged"},
            }
        ],
    }


_PULLS: dict[tuple[str, bool], Any] = {
    ("github", True): _github_pull,
    ("gitlab", True): _gitlab_pull,
    ("bitbucket", True): _bitbucket_pull,
    ("codecommit", True): _codecommit_pull,
}


@contextmanager
def github_app(root: Path, repository: Repository) -> Iterator[Case]:
    with served(fake_github.FakeGitHub(root, repository)) as host:
        link = Link(
            "prj_1", "github", host.url, NAME, str(fake_github.IDENTITY), fake_github.INSTALLATION,
            "app", host.key, fake_github.APP,
        )  # fmt: skip
        yield Case(
            github.make(), host, link, repository, str(fake_github.IDENTITY), signs=True,
            hooks=False,
            wrong=[
                replace(link, secret=fake_github.pem("theirs")),
                replace(link, secret="not a key"),
                replace(link, installation="6"),
                replace(link, identity="1"),
            ],
            secrets=[host.key],
        )  # fmt: skip


@contextmanager
def github_token(root: Path, repository: Repository) -> Iterator[Case]:
    with served(fake_github.FakeGitHub(root, repository)) as host:
        link = Link(
            "prj_1", "github", host.url, NAME, credential="token", secret=fake_github.PERSON
        )
        yield Case(
            github.make(), host, link, repository, str(fake_github.IDENTITY), signs=True,
            wrong=[replace(link, secret="ghp_revoked")],
            elsewhere=[replace(link, repository="octo-org/nothing")],
            secrets=[fake_github.PERSON],
        )  # fmt: skip


@contextmanager
def gitlab_token(root: Path, repository: Repository) -> Iterator[Case]:
    with served(fake_gitlab.FakeGitLab(root, repository)) as host:
        link = Link(
            "prj_1", "gitlab", host.url, NAME, str(fake_gitlab.IDENTITY),
            credential="token", secret=fake_gitlab.TOKEN,
        )  # fmt: skip
        yield Case(
            gitlab.make(), host, link, repository, str(fake_gitlab.IDENTITY), signs=True,
            wrong=[replace(link, secret="glpat-revoked")],
            elsewhere=[replace(link, repository="octo-org/nothing", identity="16")],
            secrets=[fake_gitlab.TOKEN],
        )  # fmt: skip


@contextmanager
def bitbucket_cloud(root: Path, repository: Repository) -> Iterator[Case]:
    with served(fake_bitbucket.FakeCloud(root, repository)) as host:
        link = Link(
            "prj_1", "bitbucket", host.url, NAME, fake_bitbucket.UUID,
            credential="token", secret=fake_bitbucket.TOKEN,
        )  # fmt: skip
        provider = bitbucket.Bitbucket(host.url, f"{host.url}/2.0")
        yield Case(
            provider, host, link, repository, fake_bitbucket.UUID,
            wrong=[replace(link, secret="ATCTT-revoked")],
            elsewhere=[replace(link, repository="octo-org/nothing", identity="{0}")],
            secrets=[fake_bitbucket.TOKEN],
        )  # fmt: skip


@contextmanager
def bitbucket_server(root: Path, repository: Repository) -> Iterator[Case]:
    with served(fake_bitbucket.FakeServer(root, repository)) as host:
        link = Link(
            "prj_1", "bitbucket", host.url, "OCTO/hello-world", "84",
            credential="token", secret=fake_bitbucket.TOKEN,
        )  # fmt: skip
        yield Case(
            bitbucket.make(), host, link, repository, "84", name="OCTO/hello-world",
            wrong=[replace(link, secret="revoked-token")],
            elsewhere=[replace(link, repository="OCTO/nothing")],
            secrets=[fake_bitbucket.TOKEN],
        )  # fmt: skip


@contextmanager
def git_https(root: Path, repository: Repository) -> Iterator[Case]:
    with served(fake_plain.FakePlain(root)) as host:
        link = Link("prj_1", "git", host.url, NAME, credential="token", secret=fake_plain.TOKEN)
        yield Case(
            plain.make(), host, link, repository, f"{host.url}/{NAME}",
            hooks=False, reports=False, comments=False, pulls=False,
            wrong=[replace(link, secret="revoked-token")],
            elsewhere=[replace(link, repository="octo-org/nothing")],
            secrets=[fake_plain.TOKEN],
        )  # fmt: skip


@contextmanager
def git_ssh(root: Path, repository: Repository) -> Iterator[Case]:
    with fake_plain.ssh_served(fake_plain.FakeSsh(root)) as host:
        link = Link("prj_1", "git", host.url, NAME, credential="ssh", secret=host.deploy_key)
        seen = plain.make().repository(link).host_key
        link = replace(link, host_key=seen)
        yield Case(
            plain.make(), host, link, repository, f"{host.url}/{NAME}",
            hooks=False, reports=False, comments=False, pulls=False,
            wrong=[replace(link, secret=fake_plain.new_key()), replace(link, secret="no key")],
            elsewhere=[replace(link, repository="octo-org/nothing")],
            secrets=[host.deploy_key],
        )  # fmt: skip


@contextmanager
def code_commit(root: Path, repository: Repository, monkeypatch: Any) -> Iterator[Case]:
    with served(fake_codecommit.FakeCodeCommit(root, repository)) as host:
        frozen = SimpleNamespace(
            access_key=fake_codecommit.ACCESS,
            secret_key=fake_codecommit.SECRET,
            token=fake_codecommit.TOKEN,
        )
        own = SimpleNamespace(get_frozen_credentials=lambda: frozen)
        monkeypatch.setattr(codecommit, "credentials", lambda: own)
        monkeypatch.setattr(codecommit, "client", host.client)
        monkeypatch.setattr(codecommit, "region_of", lambda _: fake_codecommit.REGION)
        link = Link("prj_1", "codecommit", host.url, fake_codecommit.NAME, fake_codecommit.ARN)
        yield Case(
            codecommit.make(), host, link, repository, fake_codecommit.ARN,
            name=fake_codecommit.NAME, hooks=False, reports=False,
            elsewhere=[replace(link, repository="nothing")],
            secrets=[fake_codecommit.SECRET, fake_codecommit.TOKEN],
        )  # fmt: skip


CASES: dict[str, Any] = {
    "github-app": github_app,
    "github-token": github_token,
    "gitlab": gitlab_token,
    "bitbucket": bitbucket_cloud,
    "bitbucket-server": bitbucket_server,
    "git-https": git_https,
    "git-ssh": git_ssh,
    "codecommit": code_commit,
}
