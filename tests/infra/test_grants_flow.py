"""Grants are enough for what begins deployments: tags, pull requests, CodeCommit, free slots.

And whoever speaks with git hosts has the library that speaks SSH, and nobody else has it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib import resources
from chalicelib.builds import rows
from chalicelib.clouds.aws import codecommit as provider
from chalicelib.core import config
from chalicelib.git.rules import PullRequest
from chalicelib.identity.rows import UserRow, user_named
from functions.events import (
    codecommit,
    deploy_asked,
    feedback,
    git_pull_request,
    git_push,
    git_tag,
    slot_free,
)
from functions.pipeline import prepare
from functions.schedules import poll
from tests.fakes import line
from tests.fakes.git_provider import FakeProvider, installed
from tests.infra.calls import CODECOMMIT, SPEAKING
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture

COMMIT, OTHER = "c" * 40, "d" * 40
HOOK = f"hook_{'0' * 26}"
hobby = pytest.mark.parametrize("made", ["hobby"], indirect=True)


class _Noted(list[str]):
    """What a host was asked, written down together with who asked."""

    def __init__(self, cloud: Cloud) -> None:  # noqa: F811
        super().__init__()
        self._calls = cloud.calls

    def append(self, what: str) -> None:
        self._calls.host(what)
        super().append(what)


def connected(cloud: Cloud, host: FakeProvider) -> str:  # noqa: F811
    """A project that is connected to a repository of CodeCommit; returns its id."""
    project: str = cloud.project["id"]
    me = user_named(cloud.client.get("/v1/me").json()["user"]["id"])
    me.update(actions=[UserRow.admin.set(True)])  # the account's repositories are theirs to give
    host.asked = _Noted(cloud)
    address = "https://git-codecommit.us-east-1.amazonaws.com/v1/repos/site"
    host.host("site", COMMIT)
    path = f"/v1/projects/{project}"
    rules = {"tags": [{"match": "v*", "environment": "production"}]}
    with cloud.calls.by("api"):
        body = {"provider": "codecommit", "url": address}
        made = cloud.client.post(f"{path}/repository", body)
        assert made.status == 201, made.text
        assert cloud.client.post(f"{path}/repository/check").status == 200
        assert cloud.client.patch(path, {"git": rules}).status == 200
    return project


def event(project: str, nth: int, **more: Any) -> dict[str, Any]:
    """A git event as the bus brings it."""
    sequence = 1_700_000_000_000_000_000 + nth * 1_000_000
    detail = {"version": 1, "project": project, "sequence": sequence, "provider": "codecommit"}
    return {"detail": {**detail, **more}}


def pull_request(project: str, nth: int, action: str) -> dict[str, Any]:
    return event(
        project, nth, number=7, action=action, commit=OTHER, branch="feature", base="main",
        repository="site", fork=False, author="ada", member=True, bot=False, title="A change",
    )  # fmt: skip


def story(cloud: Cloud) -> None:  # noqa: F811
    """Everything that can begin a deployment of a project whose repository is at CodeCommit."""
    with installed("codecommit") as hosts:
        host = hosts["codecommit"]
        project = connected(cloud, host)
        repository = host.hosted["site"]
        repository.refs |= {"refs/tags/v1": COMMIT, "refs/heads/feature": OTHER}
        with cloud.calls.by("on-codecommit"):
            pushed = {"kind": "push", "branch": "main", "commit": COMMIT, "pusher": "ada"}
            told = {
                "resources": [repository.identity], "delivery": "d" * 8,
                "repository": repository.identity, "events": [pushed],
            }  # fmt: skip
            assert codecommit.handler(told, None) == {"projects": 1}
        with cloud.calls.by("on-git-push"):
            push = event(project, 1, branch="main", commit=COMMIT, pusher="ada")
            first = git_push.handler(push, None)["deployment"]
        prepared(cloud, first)
        with cloud.calls.by("on-git-tag"):
            tag = event(project, 2, name="v1", commit=COMMIT, pusher="ada")
            assert git_tag.handler(tag, None)["deployment"]
        opened = pull_request(project, 3, "opened")
        facts = {k: v for k, v in opened["detail"].items() if k != "version"}
        repository.pulls[7] = PullRequest(**facts)
        with cloud.calls.by("on-git-pull-request"):
            second = git_pull_request.handler(opened, None)["deployment"]
        assert second
        prepared(cloud, second)
        finished = {
            "deployment": second, "project": project, "slug": "site", "state": "ready",
            "target": "preview", "commit": OTHER, "pull": 7, "provider": "codecommit", "url": "",
        }  # fmt: skip
        with cloud.calls.by("on-feedback"):
            assert feedback.handler({"detail": finished}, None) == {"outcome": "told"}
        repository.pulls.clear()
        with cloud.calls.by("on-git-pull-request"):
            assert git_pull_request.handler(pull_request(project, 4, "closed"), None)
        with cloud.calls.by("on-deploy-asked"):
            asked = {
                "version": 1, "project": project, "branch": "main", "trigger": "hook",
                "by": HOOK, "key": f"hook:{HOOK}:1700000009000:once",
            }  # fmt: skip
            assert deploy_asked.handler({"detail": asked}, None)["deployment"]
        # it was heard of just now, so that its turn would be later
        with pytest.MonkeyPatch.context() as moment, cloud.calls.by("poll"):
            moment.setattr("chalicelib.git.actions.poll.due", lambda *_: True)
            assert poll.handler({}, None)["troubled"] == 0
        with cloud.calls.by("api"):
            assert cloud.client.delete(f"/v1/projects/{project}/repository").status < 300


def prepared(cloud: Cloud, deployment: str) -> None:  # noqa: F811
    with cloud.calls.by("pipeline-prepare"):
        prepare.handler({"deployment": deployment}, None)


@hobby
def test_what_begins_deployments_may_do_what_it_does(made: Stacks, cloud: Cloud) -> None:  # noqa: F811
    story(cloud)
    there: dict[str, Any] = roles(made)
    doing = {function for function, _, _ in cloud.calls.made}
    hearing = {"on-git-push", "on-git-tag", "on-git-pull-request", "on-codecommit"}
    assert hearing | {"api", "on-deploy-asked", "on-feedback", "pipeline-prepare", "poll"} == doing
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    asked = {call[:2] for call in cloud.calls.made}
    assert ("on-deploy-asked", "codecommit:GetBranch") in asked
    assert ("on-feedback", "codecommit:UpdateComment") in asked


@hobby
def test_whoever_speaks_with_git_servers_has_what_speaks_ssh(made: Stacks, cloud: Cloud) -> None:  # noqa: F811
    story(cloud)
    speaking = {function for function, what in cloud.calls.hosts if what in SPEAKING}
    carrying = {spec.name for spec in resources.FUNCTIONS if "git" in spec.layers}
    assert "git" in resources.API_LAYERS
    assert speaking == carrying | {"api"}
    reading = {spec.name for spec in resources.FUNCTIONS if "codecommit" in spec.grants}
    assert reading == carrying


@hobby
def test_the_rights_over_codecommit_are_the_calls_that_are_made(made: Stacks) -> None:
    source = Path(provider.__file__).read_text(encoding="utf-8")
    operations = re.findall(r'_call\(\s*link,\s*"([a-z_]+)"', source)
    called = {"".join(part.title() for part in name.split("_")) for name in operations}
    assert called | {"GitPull"} == {action for calls in CODECOMMIT.values() for action in calls}
    granted = {
        action.partition(":")[2]
        for statements in roles(made).values()
        for statement in statements
        for action in [statement["Action"]]
        + (statement["Action"] if isinstance(statement["Action"], list) else [])
        if isinstance(action, str) and action.startswith("codecommit:")
    }
    assert granted == called | {"GitPull"}


@hobby
def test_a_slot_that_is_free_lets_the_next_build_start(
    made: Stacks,
    cloud: Cloud,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = replace(config.settings(), slots=1)
    monkeypatch.setattr("chalicelib.builds.actions.slots.settings", lambda: one)
    first = cloud.build(cloud.push("one"))
    second = cloud.build(cloud.push("two"))
    assert len(cloud.services.builder.orders) == 1
    with cloud.calls.by("api"):
        line.runner(cloud.services, first, line.PAGE)
    with cloud.calls.by("on-slot-free"):
        assert slot_free.handler({}, None) == {"started": 1}
    row = rows.get(second)
    assert row is not None
    assert row.slot is not None
    there: dict[str, Any] = roles(made)
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    asked = {action for function, action, _ in cloud.calls.made if function == "on-slot-free"}
    assert {"codebuild:StartBuild", "kms:Decrypt", "s3:GetObject"} <= asked
