"""Hosts are told how a deployment fares, once; and asked for what no webhook told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import clock, ids
from chalicelib.core.errors import Conflict
from chalicelib.git import actions as git
from chalicelib.git.actions import feedback, poll
from chalicelib.git.providers import Refused
from chalicelib.git.rows import links
from chalicelib.git.rules import words
from chalicelib.git.rules.polling import due, moved
from functions.events.feedback import handler
from tests.fakes.git_provider import FakeProvider, installed
from tests.fakes.people import Person

COMMIT = "a" * 40


@pytest.fixture
def host() -> Iterator[FakeProvider]:
    with installed("github") as fakes:
        fakes["github"].host(commit=COMMIT)
        yield fakes["github"]


def connected(owner: Person, name: str) -> str:
    project = str(owner.client.post("/v1/projects", {"name": name}).json()["id"])
    body = {"provider": "github", "url": "https://github.com/ada/site", "token": "t"}
    assert owner.client.post(f"/v1/projects/{project}/repository", body).status == 201
    return project


@pytest.fixture
def project(owner: Person, host: FakeProvider, services: Any) -> str:
    found = connected(owner, "site")
    services.bus.events.clear()
    host.asked.clear()
    return found


def told(project: str, state: str, deployment: str, **more: Any) -> dict[str, Any]:
    return {
        "version": 1, "deployment": deployment, "project": project, "team": "team_x",
        "slug": "site", "state": state, "target": "preview", "environment": "preview",
        "trigger": "pull_request", "trust": "trusted", "branch": "x", "tag": "", "commit": COMMIT,
        "pull": 0, "provider": "github", "url": "http://x--site.localhost:8081",
        "alias_url": None, "error": None, "finished_at": None, **more,
    }  # fmt: skip


def deployment(n: int) -> str:
    return ids.new("dpl", 1_700_000_000_000 + n, str(n))


# -- reports ---------------------------------------------------------------------------------------


def test_one_report_for_each_deployment_which_only_goes_forward(
    project: str, host: FakeProvider
) -> None:
    one = deployment(1)
    for state in ("queued", "queued", "ready", "queued", "ready"):
        feedback.tell(told(project, state, one))
    (report,) = host.reports.values()
    assert (report.state, report.commit, report.deployment) == ("success", COMMIT, one)
    assert host.asked.count("report") == 2
    failed = told(
        project, "failed", deployment(2), error={"code": "build_failed", "message": "exit 1"}
    )
    feedback.tell(failed)
    assert [r.state for r in host.reports.values()] == ["success", "failure"]
    assert "build_failed" in list(host.reports.values())[1].title


def test_what_is_not_the_hosts_is_not_told(project: str, host: FakeProvider) -> None:
    one = deployment(1)
    assert feedback.tell(told(project, "ready", one, provider="builtin")) == "nobody"
    assert feedback.tell(told(project, "ready", one, provider="gitlab")) == "nobody"
    assert feedback.tell(told("prj_" + "0" * 26, "ready", one)) == "nobody"
    assert not host.asked


def test_a_host_that_refuses_or_is_silent_hurts_nobody(
    project: str, host: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = {"detail": told(project, "ready", deployment(1))}
    host.down = True
    with pytest.raises(OSError):  # the bus tries again
        handler(event, None)
    host.down = False

    def refuses(*_: Any) -> str:
        raise Refused("repo_access_denied", "no")

    with monkeypatch.context() as patch:
        patch.setattr(host, "report", refuses)
        assert handler(event, None) == {"outcome": "refused"}
    assert handler(event, None) == {"outcome": "told"}


# -- comments --------------------------------------------------------------------------------------


def test_one_comment_with_a_row_for_each_project(
    owner: Person, project: str, host: FakeProvider
) -> None:
    other = connected(owner, "manual")
    feedback.tell(told(project, "queued", deployment(1), pull=7))
    feedback.tell(told(other, "queued", deployment(2), pull=7, slug="manual"))
    feedback.tell(
        told(project, "ready", deployment(1), pull=7, alias_url="http://pr-7--site.localhost")
    )
    feedback.tell(told(project, "queued", deployment(1), pull=7))  # late
    feedback.tell(told(other, "failed", deployment(2), pull=7, slug="manual"))
    ((number, text),) = host.comments.values()
    assert number == 7
    assert text.startswith(words.MARKER)
    assert "| site | Ready | [Visit](http://pr-7--site.localhost) | aaaaaaa |" in text
    assert "| manual | Failed |  | aaaaaaa |" in text
    feedback.tell(told(project, "queued", deployment(3), pull=7))
    assert "| site | Building |" in next(iter(host.comments.values()))[1]
    feedback.tell(told(project, "ready", deployment(1), pull=7))  # an older one changes nothing
    assert "| site | Building |" in next(iter(host.comments.values()))[1]
    feedback.tell(told(project, "queued", deployment(4), pull=8))
    assert len(host.comments) == 2


def test_a_comment_is_made_once_whoever_tells_at_the_same_time(
    owner: Person, project: str, host: FakeProvider
) -> None:
    projects = [project, *(connected(owner, f"p{n}") for n in range(5))]
    barrier = threading.Barrier(len(projects))

    def tell(n: int) -> None:
        barrier.wait()
        feedback.tell(told(projects[n], "ready", deployment(n), pull=7, slug=f"s{n}"))

    threads = [threading.Thread(target=tell, args=(n,)) for n in range(len(projects))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ((_, text),) = host.comments.values()
    assert all(f"| s{n} | Ready |" in text for n in range(len(projects)))


def test_comments_can_be_turned_off(owner: Person, project: str, host: FakeProvider) -> None:
    answer = owner.client.patch(f"/v1/projects/{project}", {"git": {"comments": False}})
    assert answer.status == 200, answer.text
    feedback.tell(told(project, "ready", deployment(1), pull=7))
    assert not host.comments
    assert host.reports


@given(st.text(max_size=200))
def test_a_strangers_text_is_never_markup(text: str) -> None:
    shown = words.plain(text)
    assert "\n" not in shown
    outside = shown
    for code in set(__import__("re").findall(r"&#\d+;", shown)):
        outside = outside.replace(code, "")
    assert not set(outside) & set("<>[]()|`*_@\\~!&#{}")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://x)](http://evil", "http://x\n", "", "http://a b", "//x"]
)
def test_only_addresses_of_ours_become_links(url: str) -> None:
    assert "](" not in words.link("Visit", url)


# -- the poller ------------------------------------------------------------------------------------


def pushes(services: Any) -> list[tuple[str, str]]:
    return [(d["branch"], d["commit"]) for k, d in services.bus.events if k == "git.push"]


def later(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + minutes * 60_000)


def test_a_push_that_no_webhook_told_of_is_found(
    project: str, host: FakeProvider, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = host.hosted["ada/site"]
    assert poll.poll(lambda _: {})["asked"] == 0  # it was looked at when it was connected
    later(monkeypatch, 5)
    there.refs["refs/heads/main"] = "b" * 40
    there.refs["refs/heads/new"] = "c" * 40
    there.refs["refs/heads/told"] = "d" * 40
    found = poll.poll(lambda _: {"told": "d" * 40})
    assert found == {"asked": 1, "pushed": 2, "troubled": 0}
    assert pushes(services) == [("main", "b" * 40), ("new", "c" * 40)]
    assert poll.poll(lambda _: {})["asked"] == 0
    later(monkeypatch, 5)
    assert poll.poll(lambda _: {}) == {"asked": 1, "pushed": 0, "troubled": 0}


def test_a_repository_that_was_never_read_does_not_deploy_all_its_branches(
    project: str, host: FakeProvider, services: Any
) -> None:
    row = links.of(project)
    assert row is not None
    links.change(row, polled_ms=0, seen={})
    host.hosted["ada/site"].refs.update({f"refs/heads/b{n}": f"{n:040x}" for n in range(50)})
    assert poll.poll(lambda _: {})["pushed"] == 1
    assert pushes(services) == [("main", COMMIT)]


def test_what_the_host_says_no_to_is_shown_until_it_says_yes(
    owner: Person, project: str, host: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.hosted["ada/site"].token = "another"
    later(monkeypatch, 5)
    assert poll.poll(lambda _: {})["pushed"] == 0
    shown = owner.client.get(f"/v1/projects/{project}/repository").json()
    assert shown["state"] == "broken"
    assert shown["fault"].startswith("repo_access_denied")
    host.hosted["ada/site"].token = ""
    later(monkeypatch, 10)
    poll.poll(lambda _: {})
    assert owner.client.get(f"/v1/projects/{project}/repository").json()["state"] == "ok"


def test_a_deleted_project_is_forgotten_here_too(
    owner: Person, project: str, host: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert owner.client.delete(f"/v1/projects/{project}").status == 204
    later(monkeypatch, 5)
    poll.poll(lambda _: {})
    assert links.of(project) is None
    assert not host.hooks


def test_how_often_a_host_is_asked() -> None:
    minute, now = 60_000, 10**12
    assert due(now, now - 5 * minute, 0)
    assert not due(now, now - 4 * minute, 0)
    assert not due(now, now - 10 * minute, now - minute)  # its webhooks come
    assert due(now, now - 15 * minute, now - minute)
    assert due(now, now - 5 * minute, now - 25 * 60 * minute)


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5).map(lambda n: f"{n}" * 40)),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5).map(lambda n: f"{n}" * 16)),
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 5).map(lambda n: f"{n}" * 40)),
)
def test_what_moved_is_what_neither_side_knew(
    heads: dict[str, str], seen: dict[str, str], known: dict[str, str]
) -> None:
    found = moved(heads, seen, known)
    for branch, commit in heads.items():
        news = commit[:16] != seen.get(branch) and commit != known.get(branch)
        assert (branch in found) == news
    assert set(found) <= set(heads)


# -- sources ---------------------------------------------------------------------------------------


def test_a_source_is_fetched_once_from_the_host(
    project: str, host: FakeProvider, services: Any
) -> None:
    for _ in range(3):
        key = git.source(project, COMMIT)
    assert key == f"sources/{project}/{COMMIT}.tar.gz"
    assert services.store.objects[key][:2] == b"\x1f\x8b"
    assert host.asked.count("fetch") == 1


@pytest.mark.parametrize(
    ("commit", "code"), [("b" * 40, "commit_not_found"), ("main", "commit_not_found")]
)
def test_a_commit_that_is_gone_is_told_so(
    project: str, host: FakeProvider, services: Any, commit: str, code: str
) -> None:
    with pytest.raises(Conflict) as caught:
        git.source(project, commit)
    assert caught.value.code == code
    assert not services.store.objects


def test_access_that_was_taken_away_is_told_with_the_way_back(
    project: str, host: FakeProvider, services: Any
) -> None:
    host.hosted["ada/site"].token = "another"
    with pytest.raises(Conflict) as caught:
        git.source(project, COMMIT)
    assert caught.value.code == "repo_access_denied"
    assert "deck git connect" in caught.value.hint
    assert not services.store.objects


def test_the_builtin_remote_needs_no_host(owner: Person, services: Any) -> None:
    bare = str(owner.client.post("/v1/projects", {"name": "bare"}).json()["id"])
    services.repositories.push(bare, "main", COMMIT, b"archive")
    assert services.store.objects[git.source(bare, COMMIT)] == b"archive"
    with pytest.raises(Conflict) as caught:
        git.source(bare, "b" * 40)
    assert caught.value.code == "commit_not_found"
