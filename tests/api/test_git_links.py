"""Connecting a project with a repository at a git host."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.git.actions import opening, sealed
from chalicelib.git.rows import links as rows
from tests.fakes.git_provider import FakeProvider, installed
from tests.fakes.people import Person, member

URL = "https://github.com/ada/site"


@pytest.fixture
def hosts() -> Iterator[dict[str, FakeProvider]]:
    with installed("github", "gitlab", "bitbucket", "codecommit", "git") as fakes:
        yield fakes


@pytest.fixture
def project(owner: Person) -> str:
    return str(owner.client.post("/v1/projects", {"name": "site"}).json()["id"])


def connect(owner: Person, project: str, **body: Any) -> Any:
    wanted = {"provider": "github", "url": URL, "token": "ghp_secret", **body}
    return owner.client.post(f"/v1/projects/{project}/repository", wanted)


def test_a_connected_repository_is_shown_without_its_secrets(
    owner: Person, project: str, hosts: dict[str, FakeProvider], services: Any
) -> None:
    hosts["github"].host(token="ghp_secret")
    made = connect(owner, project)
    assert made.status == 201, made.text
    assert made.json()["repository"] == "ada/site"
    assert made.json()["webhook"]["automatic"] is True
    assert made.json()["webhook"]["secret"] is None  # the host has it, nobody has to see it
    shown = owner.client.get(f"/v1/projects/{project}/repository")
    assert shown.json() == made.json()
    assert "ghp_secret" not in made.text + shown.text
    row = rows.of(project)
    assert row is not None
    assert b"ghp_secret" not in bytes(row.secret)
    assert opening.link_of(row).secret == "ghp_secret"
    assert "ghp_secret" not in repr(opening.link_of(row))
    assert rows.of_repository("github", "101")[0].project == project
    ((url, secret),) = hosts["github"].hooks.items()
    assert url.endswith(f"/v1/hooks/git/github/{project}")
    assert sealed.webhook_secrets(row) == [secret]


def test_connecting_deploys_the_default_branch_and_makes_it_production(
    owner: Person, project: str, hosts: dict[str, FakeProvider], services: Any
) -> None:
    hosts["github"].host(branch="trunk").refs["refs/heads/trunk"] = "b" * 40
    assert connect(owner, project).status == 201
    ((_, push),) = [e for e in services.bus.events if e[0] == "git.push"]
    assert (push["branch"], push["commit"], push["provider"]) == ("trunk", "b" * 40, "github")
    assert owner.client.get(f"/v1/projects/{project}").json()["production_branch"] == "trunk"


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x", "ext::sh", "file:///etc/passwd", "/etc/passwd", "../x",
        "-oProxyCommand=touch", "ssh://-oProxyCommand=x/a/b", "git@-oProxy:a/b", "http://github.com/a/b",
        "https://ada:secret@github.com/a/b", "https://ada@github.com/a/b", "https://127.0.0.1/a/b",
        "https://[::1]/a/b", "https://10.0.0.1/a/b", "https://169.254.169.254/latest/meta-data",
        "https://github.com/a/b?x=1", "https://github.com/a/b#x", "https://github.com/a",
        "https://github.com/a/../b", "https://github.com/-a/b", "https://github.com/a/b c",
        "https://github.com/a/b\n", "git://github.com/a/b", "fd::17/foo", "https:///a/b",
        "https://exa mple.com/a/b", "https://github.com:99999/a/b", "https://[::ffff:10.0.0.1]/a/b",
        "javascript:alert(1)", "ssh://git@10.0.0.1/a/b", "git@github.com:a/b$(id)", "https://github.com/a/b;id",
    ],
)  # fmt: skip
def test_addresses_that_git_must_never_see_are_refused_with_the_rule(
    owner: Person, project: str, hosts: dict[str, FakeProvider], url: str
) -> None:
    deploy_key = url.startswith(("ssh", "git@"))
    body = {"provider": "git", "url": url} if deploy_key else {"url": url}
    answer = connect(
        owner, project, **body, **({"token": "", "deploy_key": True} if deploy_key else {})
    )
    assert answer.status in {422, 400}, answer.text
    assert answer.code in {"git_url_not_allowed", "invalid_text"}, answer.text
    assert "secret" not in answer.text
    assert not hosts["github"].asked


def test_what_the_host_refuses_is_told_and_nothing_stays(
    owner: Person, project: str, hosts: dict[str, FakeProvider]
) -> None:
    assert connect(owner, project).code == "repo_not_found"
    hosts["github"].host(token="another")
    assert connect(owner, project).code == "repo_access_denied"
    hosts["github"].down = True
    assert connect(owner, project).code == "git_host_unreachable"
    assert owner.client.get(f"/v1/projects/{project}/repository").code == "repository_not_found"


def test_a_project_has_one_repository(
    owner: Person, project: str, hosts: dict[str, FakeProvider]
) -> None:
    hosts["github"].host()
    assert connect(owner, project).status == 201
    assert connect(owner, project).code == "already_connected"
    assert owner.client.delete(f"/v1/projects/{project}/repository").status == 204
    assert not hosts["github"].hooks
    assert not rows.of_repository("github", "101")
    assert connect(owner, project).status == 201


def test_a_deploy_key_waits_until_it_stands_at_the_host(
    owner: Person, project: str, hosts: dict[str, FakeProvider], services: Any
) -> None:
    made = connect(
        owner,
        project,
        provider="git",
        url="git@git.example.org:ada/site.git",
        token="",
        deploy_key=True,
    )
    assert made.status == 201, made.text
    assert made.json()["deploy_key"].startswith("ssh-ed25519 AAAA")
    assert "PRIVATE" not in made.text
    assert made.json()["state"] == "waiting"
    assert made.json()["webhook"]["secret"]
    path = f"/v1/projects/{project}/repository"
    checked = owner.client.post(f"{path}/check").json()
    assert checked["state"] == "waiting"
    assert checked["fault"].startswith("repo_not_found")
    assert not [e for e in services.bus.events if e[0] == "git.push"]
    hosts["git"].host("ada/site.git")
    checked = owner.client.post(f"{path}/check").json()
    assert (checked["state"], checked["fault"]) == ("ok", None)
    assert [e for e in services.bus.events if e[0] == "git.push"]
    row = rows.of(project)
    assert row is not None
    assert opening.link_of(row).secret.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")


def test_another_repository_under_the_same_name_is_another_one(
    owner: Person, project: str, hosts: dict[str, FakeProvider]
) -> None:
    hosts["github"].host()
    connect(owner, project)
    hosts["github"].hosted["ada/site"].identity = "999"
    checked = owner.client.post(f"/v1/projects/{project}/repository/check").json()
    assert checked["state"] == "broken"
    assert checked["fault"].startswith("repository_replaced")
    assert rows.of_repository("github", "101")


def test_a_new_webhook_secret_leaves_the_old_one_good_for_an_hour(
    owner: Person, project: str, hosts: dict[str, FakeProvider], monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts["github"].host()
    hosts["github"].hooks_itself = False
    first = connect(owner, project).json()["webhook"]["secret"]
    second = owner.client.post(f"/v1/projects/{project}/repository/secret").json()["webhook"][
        "secret"
    ]
    row = rows.of(project)
    assert sealed.webhook_secrets(row) == [second, first]
    from chalicelib.core import clock

    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda seconds=0: real(seconds) + 3601)
    assert sealed.webhook_secrets(row) == [second]


def test_codecommit_is_for_those_who_run_the_installation(
    owner: Person, project: str, hosts: dict[str, FakeProvider]
) -> None:
    url = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/site"
    answer = connect(owner, project, provider="codecommit", url=url, token="")
    assert answer.code == "admin_only"


def test_who_may_only_deploy_may_not_connect(
    api: Any, owner: Person, project: str, hosts: dict[str, FakeProvider]
) -> None:
    hosts["github"].host()
    for role, read in (("developer", 404), ("viewer", 404)):
        somebody = member(api, owner, role)
        assert connect(somebody, project).status == 403
        assert somebody.client.get(f"/v1/projects/{project}/repository").status == read
