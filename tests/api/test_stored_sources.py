"""Projects without a git remote of ours: pushes come over the bus, sources lie in the store."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order
from chalicelib.clouds.aws.repositories import StoredSources
from chalicelib.deployments import rows
from chalicelib.deployments.actions import steps, sweep
from chalicelib.projects import rows as project_rows
from functions.events import git_push
from tests.fakes import line

COMMIT = "ab" * 20


@pytest.fixture
def stored(services: Any, owner: Any) -> Any:
    """The services of a cloud without a disk; `owner` is signed in."""
    found = replace(services, repositories=StoredSources(services.store))
    wiring.install(lambda: found)
    return found


def pushed(project: str, message: str = "Add a page", commit: str = COMMIT) -> dict[str, Any]:
    return {
        "detail-type": "git.push",
        "detail": {
            "version": 1,
            "project": project,
            "branch": "main",
            "commit": commit,
            "sequence": 1_800_000_000_000_000_000,
            "pusher": "ada",
            "message": message,
        },
    }


def test_a_push_of_a_git_host_goes_live(stored: Any, owner: Any) -> None:
    project = owner.client.post("/v1/projects", {"name": "My Site"}).json()
    assert project["git_url"] is None
    assert owner.client.get("/v1/meta").json()["git"] is None
    key = f"sources/{project['id']}/{COMMIT}.tar.gz"
    stored.store.put(key, b"the tree", "application/gzip")
    identifier = git_push.handler(pushed(project["id"]), None)["deployment"]
    line.carry(stored, identifier)
    row = rows.get(identifier)
    assert row is not None
    assert (row.state, row.message, row.commit) == ("ready", "Add a page", COMMIT)
    build = build_rows.get(order.build_id(identifier))
    assert build is not None
    assert build.spec["source"] == {"kind": "archive", "key": key}
    pointer = project_rows.pointer(project["id"])
    assert pointer is not None
    assert pointer.deployment == identifier
    assert sweep.sweep()["troubled"] == 0


def test_the_message_of_the_push_can_say_to_skip(stored: Any, owner: Any) -> None:
    project = owner.client.post("/v1/projects", {"name": "My Site"}).json()
    stored.store.put(f"sources/{project['id']}/{COMMIT}.tar.gz", b"the tree")
    assert git_push.handler(pushed(project["id"], "[skip ci] docs"), None)["deployment"] is None


def test_a_source_that_nobody_put_there(stored: Any, owner: Any) -> None:
    project = owner.client.post("/v1/projects", {"name": "My Site"}).json()
    identifier = git_push.handler(pushed(project["id"]), None)["deployment"]
    assert steps.prepare(identifier) == {"outcome": "failed"}
    row = rows.get(identifier)
    assert row is not None
    assert row.error["code"] == "commit_not_found"


def test_a_commit_that_is_here_can_be_deployed_again(stored: Any, owner: Any) -> None:
    project = owner.client.post("/v1/projects", {"name": "My Site"}).json()
    path = f"/v1/projects/{project['slug']}/deployments"
    refused = owner.client.post(path, {"commit": COMMIT})
    assert (refused.status, refused.json()["code"]) == (409, "commit_not_found")
    stored.store.put(f"sources/{project['id']}/{COMMIT}.tar.gz", b"the tree")
    made = owner.client.post(path, {"commit": COMMIT})
    assert (made.status, made.json()["commit"]) == (201, COMMIT)
