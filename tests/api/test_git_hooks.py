"""Webhooks of git hosts: only signed ones count, each once, in whatever order they come."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.git import actions as git
from chalicelib.git.rows import apps, links
from chalicelib.git.rules import PullRequest, Push, Tag
from chalicelib.ports import services as ports
from tests.fakes.client import Answer, Client
from tests.fakes.git_provider import FakeProvider, installed, sign
from tests.fakes.people import Person

SECRET = "x" * 43


@pytest.fixture
def host() -> Iterator[FakeProvider]:
    with installed("github", "gitlab", "git") as fakes:
        yield fakes["github"]


@pytest.fixture
def linked(owner: Person, host: FakeProvider, services: Any) -> tuple[str, str]:
    """A project connected by a token, and the secret that its host signs with."""
    host.host()
    project = str(owner.client.post("/v1/projects", {"name": "site"}).json()["id"])
    body = {"provider": "github", "url": "https://github.com/ada/site", "token": "t"}
    assert owner.client.post(f"/v1/projects/{project}/repository", body).status == 201
    services.bus.events.clear()
    return project, next(iter(host.hooks.values()))


def body_of(*events: dict[str, Any], **more: Any) -> bytes:
    told = {"delivery": secrets.token_hex(8), "repository": "101", "events": list(events), **more}
    return json.dumps(told).encode()


def push(commit: str = "c" * 40, branch: str = "main") -> dict[str, Any]:
    return {"kind": "push", "branch": branch, "commit": commit, "pusher": "ada"}


def send(path: str, body: bytes, secret: str | None, **headers: str) -> Answer:
    signed = {} if secret is None else {"X-Signature": sign(secret, body)}
    return Client().call("POST", path, raw=body, headers={**signed, **headers})


def address(project: str, provider: str = "github") -> str:
    return f"/v1/hooks/git/{provider}/{project}"


def pushed(services: Any) -> list[dict[str, Any]]:
    return [detail for kind, detail in services.bus.events if kind == "git.push"]


def test_a_signed_push_lands_on_the_bus(linked: tuple[str, str], services: Any) -> None:
    project, secret = linked
    answer = send(address(project), body_of(push()), secret)
    assert (answer.status, answer.json()["events"]) == (202, 1)
    (detail,) = pushed(services)
    assert detail["version"] == 1
    assert (detail["project"], detail["commit"], detail["provider"]) == (
        project,
        "c" * 40,
        "github",
    )


def test_each_kind_of_event_has_its_name_on_the_bus(linked: tuple[str, str], services: Any) -> None:
    project, secret = linked
    tag = {"kind": "tag", "name": "v1", "commit": "c" * 40, "pusher": "ada"}
    pull = {
        "kind": "pull", "number": 7, "action": "opened", "commit": "d" * 40, "branch": "x",
        "base": "main", "repository": "eve/site", "fork": True, "author": "eve", "member": False,
        "bot": False,
    }  # fmt: skip
    assert send(address(project), body_of(push(), tag, pull), secret).json()["events"] == 3
    kinds = [kind for kind, _ in services.bus.events]
    assert kinds == ["git.push", "git.tag", "git.pull_request"]


def test_a_ping_is_200_and_an_unknown_event_202(linked: tuple[str, str], services: Any) -> None:
    project, secret = linked
    assert send(address(project), body_of(kind="ping"), secret).status == 200
    ignored = send(address(project), body_of(kind="ignored"), secret)
    assert (ignored.status, ignored.json()["reason"]) == (202, "ignored")
    assert not services.bus.events


FORGERIES: dict[str, tuple[str, dict[str, str]]] = {
    "no signature": ("signature_missing", {}),
    "empty": ("signature_missing", {"X-Signature": ""}),
    "old": ("signature_expired", {"X-Signature": "right", "X-Old": "1"}),
    **{
        name: ("signature_invalid", {"X-Signature": value})
        for name, value in {
            "word": "x", "zeros": "0" * 64, "of another body": "other", "of an empty body": "empty",
            "of another secret": "stranger", "upper case": "upper", "cut": "cut",
            "longer": "longer", "spaces": "spaces", "of the body with a space": "spaced",
            "null": "null",
            "of no secret": "none", "of the word None": "None", "of the project": "project",
            "base64": "base64", "sha1": "sha1", "twice": "twice", "json": "[]", "truth": "true",
            "prefix": "sha256=", "wide digits": "wide",
        }.items()
    },
}  # fmt: skip


def _signature(how: str, secret: str, project: str, body: bytes) -> str:
    right = sign(secret, body)
    made = {
        "right": right,
        "other": sign(secret, body + b"x"),
        "empty": sign(secret, b""),
        "stranger": sign("stranger", body),
        "upper": right.upper(),
        "cut": right[:-1],
        "longer": right + "0",
        "spaces": f" {right[:30]} {right[30:]}",
        "spaced": sign(secret, body.replace(b":", b": ", 1)),
        "none": sign("", body),
        "None": sign("None", body),
        "project": sign(project, body),
        "twice": f"{right},{right}x",
        "wide": right.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}),
    }
    return made.get(how, how)


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_webhook_is_401_and_changes_nothing(
    name: str, linked: tuple[str, str], services: Any
) -> None:
    project, secret = linked
    code, given = FORGERIES[name]
    body = body_of(push())
    headers = {key: _signature(value, secret, project, body) for key, value in given.items()}
    if not all(value.isascii() for value in headers.values()):
        headers = {key: value.encode().decode("latin-1") for key, value in headers.items()}
    answer = send(address(project), body, None, **headers)
    assert (answer.status, answer.code) == (401, code), answer.text
    assert not services.bus.events
    # and a delivery that was refused can still come
    assert send(address(project), body, secret).json()["events"] == 1


def test_where_there_is_no_project_a_stranger_learns_nothing(
    linked: tuple[str, str], owner: Person, services: Any
) -> None:
    project, secret = linked
    bare = str(owner.client.post("/v1/projects", {"name": "bare"}).json()["id"])
    body = body_of(push())
    seen = set()
    for path in (
        address(project),
        address(bare),
        address("prj_" + "0" * 26),
        address(project, "gitlab"),
    ):
        before = services.keys.unwrapped
        answer = send(path, body, "wrong")
        problem = {k: v for k, v in answer.json().items() if k != "request_id"}
        seen.add(json.dumps(problem))
        assert services.keys.unwrapped - before == 1  # the same work, whoever asks for whatever
        assert send(path, body, None).code == "signature_missing"
    assert len(seen) == 1
    assert send(address(project, "gitlab"), body, secret).code == "signature_invalid"
    assert send(address(project, "nonsense"), body, secret).status == 404


def test_a_webhook_of_another_repository_is_404(linked: tuple[str, str], services: Any) -> None:
    project, secret = linked
    assert send(address(project), body_of(push(), repository="1010"), secret).status == 404
    assert not services.bus.events


def test_what_is_not_the_hosts_format_is_refused(linked: tuple[str, str], services: Any) -> None:
    project, secret = linked
    assert send(address(project), b"not json", secret).code == "invalid_delivery"
    assert not services.bus.events


def test_a_delivery_counts_once_however_often_it_comes(
    linked: tuple[str, str], services: Any
) -> None:
    project, secret = linked
    body = body_of(push())
    answers = [send(address(project), body, secret).json() for _ in range(10)]
    assert [a["events"] for a in answers] == [1] + [0] * 9
    assert answers[1]["reason"] == "duplicate"
    assert len(pushed(services)) == 1


def test_one_that_did_not_reach_the_bus_can_come_again(
    linked: tuple[str, str], services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, secret = linked
    body = body_of(push())
    with monkeypatch.context() as patch:
        patch.setattr(services.bus, "put", lambda *_: (_ for _ in ()).throw(OSError("bus")))
        assert send(address(project), body, secret).status == 500
    assert send(address(project), body, secret).json()["events"] == 1


# -- what the host says now counts -----------------------------------------------------------------


def _push(project: str, commit: str, sequence: int = 1) -> Push:
    return Push(project, "main", commit, sequence, "ada", provider="github")


def test_the_head_is_what_the_host_says_not_what_a_webhook_says(
    linked: tuple[str, str], host: FakeProvider
) -> None:
    project, _ = linked
    host.hosted["ada/site"].refs["refs/heads/main"] = "e" * 40
    found = git.confirm(_push(project, "c" * 40, 5))
    assert found is not None
    assert (found.commit, found.sequence) == ("e" * 40, 5)
    del host.hosted["ada/site"].refs["refs/heads/main"]
    assert git.confirm(_push(project, "c" * 40)) is None


def test_tags_and_pull_requests_are_confirmed_too(
    linked: tuple[str, str], host: FakeProvider
) -> None:
    project, _ = linked
    there = host.hosted["ada/site"]
    tag = Tag(project, "v1", "c" * 40, 3, "ada", provider="github")
    assert git.confirm(tag) is None
    there.refs["refs/tags/v1"] = "f" * 40
    assert git.confirm(tag).commit == "f" * 40  # type: ignore[union-attr]
    claimed = PullRequest(
        project, 7, "opened", "c" * 40, "x", "main", "ada/site", False, "ada", True, False, 9
    )
    gone = git.confirm(claimed)
    assert gone is not None
    assert gone.action == "closed"
    # a webhook that lies about who wrote it does not make anybody a member
    there.pulls[7] = PullRequest(
        "", 7, "updated", "d" * 40, "x", "main", "eve/site", True, "eve", False, False, 0
    )
    now = git.confirm(claimed)
    assert now is not None
    assert (now.project, now.action, now.commit, now.fork, now.member, now.sequence) == (
        project, "opened", "d" * 40, True, False, 9,
    )  # fmt: skip


def test_a_host_that_refuses_leaves_the_event_so_that_its_deployment_says_why(
    linked: tuple[str, str], host: FakeProvider
) -> None:
    project, _ = linked
    push_ = _push(project, "c" * 40)
    host.hosted["ada/site"].token = "revoked"
    assert git.confirm(push_) == push_
    host.down = True
    with pytest.raises(OSError):
        git.confirm(push_)


def test_pushes_of_the_builtin_remote_ask_nobody(
    linked: tuple[str, str], host: FakeProvider
) -> None:
    project, _ = linked
    host.asked.clear()
    builtin = Push(project, "main", "c" * 40, 1, "ada")
    assert git.confirm(builtin) is builtin
    assert not host.asked


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_shuffled_doubled_and_lost_deliveries_end_at_the_newest_head(
    linked: tuple[str, str], host: FakeProvider, data: st.DataObject
) -> None:
    """Whatever comes of the webhooks, the confirmed event with the newest sequence names the head
    that the host has, as long as one of them comes."""
    project, secret = linked
    services: Any = ports()
    services.bus.events.clear()
    commits = [f"{n:040x}" for n in range(1, 8)]
    bodies = [body_of(push(commit)) for commit in commits]
    host.hosted["ada/site"].refs["refs/heads/main"] = commits[-1]
    kept = data.draw(st.lists(st.sampled_from(bodies), min_size=1, max_size=20))
    for body in kept:
        assert send(address(project), body, secret).status == 202
    events = [Push(**{k: v for k, v in d.items() if k != "version"}) for d in pushed(services)]
    assert len(events) == len(set(kept))
    confirmed = [git.confirm(e) for e in data.draw(st.permutations(events))]
    newest = max((e for e in confirmed if e is not None), key=lambda e: e.sequence)
    assert newest.commit == commits[-1]


# -- the App ---------------------------------------------------------------------------------------


@pytest.fixture
def app_linked(owner: Person, host: FakeProvider, services: Any) -> list[str]:
    """Two projects connected with one repository through the App of this installation."""
    from chalicelib.git.actions import app_settings

    app_settings.configure(app_settings.Wanted("12", "Iv1", "key", "cs", SECRET))
    host.host()
    apps.claim(owner.team, "77", "Ada", app_settings.GITHUB, owner.id)
    made = []
    for name in ("one", "two"):
        project = str(owner.client.post("/v1/projects", {"name": name}).json()["id"])
        body = {"provider": "github", "url": "https://github.com/ada/site"}
        answer = owner.client.post(f"/v1/projects/{project}/repository", body)
        assert answer.status == 201, answer.text
        assert (answer.json()["credential"], answer.json()["webhook"]) == ("app", None)
        made.append(project)
    services.bus.events.clear()
    return made


def test_a_webhook_of_the_app_reaches_every_project_of_the_repository(
    app_linked: list[str], services: Any
) -> None:
    body = body_of(push(), installation="77")
    assert send("/v1/hooks/github", body, SECRET).json()["events"] == 2
    assert sorted(d["project"] for d in pushed(services)) == sorted(app_linked)
    assert send("/v1/hooks/github", body, SECRET).json()["reason"] == "duplicate"


def test_the_app_is_held_to_its_installation_and_its_secret(
    app_linked: list[str], services: Any
) -> None:
    for installation in ("7", "770", "077", " 77", "77 ", "\uff17\uff17", "", "77 or 1"):
        body = body_of(push(), installation=installation)
        assert send("/v1/hooks/github", body, SECRET).status == 404, installation
    body = body_of(push(), installation="77")
    assert send("/v1/hooks/github", body, "wrong").code == "signature_invalid"
    assert send("/v1/hooks/github", body, None).code == "signature_missing"
    assert send("/v1/hooks/github", body_of(kind="ping"), SECRET).status == 200
    # the project's own address is not the App's
    row = links.of(app_linked[0])
    assert row is not None
    assert send(address(app_linked[0]), body, SECRET).status == 401
    assert not services.bus.events


def test_without_an_app_its_address_refuses_like_any_other(api: Client, host: FakeProvider) -> None:
    assert send("/v1/hooks/github", body_of(push()), "x").code == "signature_invalid"
