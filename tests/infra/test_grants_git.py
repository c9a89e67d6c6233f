"""Grants are enough to speak with git hosts: each step by the function that does it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.git.actions import app_settings
from chalicelib.git.rows import apps
from functions.events import feedback, git_push
from functions.pipeline import prepare
from functions.schedules import poll
from tests.fakes.client import Client
from tests.fakes.git_provider import installed, sign
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks
from tests.infra.test_grants import Cloud, cloud  # noqa: F401  # a fixture

COMMIT = "c" * 40
BACK = {"return_to": "http://127.0.0.1:8080/console/"}


def story(cloud: Cloud) -> None:  # noqa: F811
    """A project is connected, hears of a push, deploys it and tells the host."""
    client, project = cloud.client, cloud.project["id"]
    with installed("github") as hosts:
        host = hosts["github"]
        host.host(commit=COMMIT)
        with cloud.calls.by("api"):
            made = client.post(
                f"/v1/projects/{project}/repository",
                {"provider": "github", "url": "https://github.com/ada/site", "token": "t"},
            )
            assert made.status == 201, made.text
            for path in ("check", "secret"):
                assert client.post(f"/v1/projects/{project}/repository/{path}").status == 200
            app_settings.configure(app_settings.Wanted("1", "c", "k", "s", "w"))
            apps.claim(cloud.project["team"], "77", "ada", app_settings.GITHUB, "usr_x")
            started = client.post(f"/v1/teams/{cloud.project['team']}/git/github/start", BACK)
            assert started.status in {200, 201}, started.text
            offers = client.get(f"/v1/teams/{cloud.project['team']}/git/77/repositories")
            assert offers.status == 200, offers.text
        hear(cloud, project, host.hooks.popitem()[1])
        event = {
            "version": 1, "project": project, "branch": "main", "commit": COMMIT,
            "sequence": 1_700_000_000_000_000_000, "pusher": "ada", "provider": "github",
        }  # fmt: skip
        with cloud.calls.by("on-git-push"):
            deployment = git_push.handler({"detail": event}, None)["deployment"]
        with cloud.calls.by("pipeline-prepare"):
            prepare.handler({"deployment": deployment}, None)
        assert f"sources/{project}/{COMMIT}.tar.gz" in cloud.services.store.objects
        told = {
            "deployment": deployment, "project": project, "slug": "site", "state": "ready",
            "target": "preview", "commit": COMMIT, "pull": 7, "provider": "github", "url": "",
        }  # fmt: skip
        with cloud.calls.by("on-feedback"):
            assert feedback.handler({"detail": told}, None) == {"outcome": "told"}
        with cloud.calls.by("poll"):
            assert poll.handler({}, None)["troubled"] == 0


def hear(cloud: Cloud, project: str, secret: str) -> None:  # noqa: F811
    event = {"kind": "push", "branch": "main", "commit": COMMIT, "pusher": "ada"}
    body = json.dumps({"delivery": "d" * 8, "repository": "101", "events": [event]}).encode()
    headers = {"X-Signature": sign(secret, body)}
    with cloud.calls.by("api"):
        path = f"/v1/hooks/git/github/{project}"
        assert Client().call("POST", path, raw=body, headers=headers).status == 202


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_what_speaks_with_git_hosts_may_do_what_it_does(made: Stacks, cloud: Cloud) -> None:  # noqa: F811
    story(cloud)
    there: dict[str, Any] = roles(made)
    doing = {function for function, _, _ in cloud.calls.made}
    assert {"api", "on-git-push", "pipeline-prepare", "on-feedback", "poll"} <= doing
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []
    asked = {call[:2] for call in cloud.calls.made}
    assert ("pipeline-prepare", "s3:PutObject") in asked
    assert ("on-feedback", "kms:Decrypt") in asked
