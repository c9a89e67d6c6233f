"""Webhooks of a busy branch: ten times each, in any order, some lost. The newest head is deployed,
and deployed once."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.core import clock
from chalicelib.deployments import rows
from functions.events import git_push
from functions.schedules import poll
from tests.fakes.client import Client
from tests.fakes.git_provider import FakeProvider, installed, sign
from tests.fakes.people import Person

PUSHES, TIMES, LOST = 20, 5, 0.1


@pytest.fixture
def host() -> Iterator[FakeProvider]:
    with installed("github") as fakes:
        fakes["github"].host(commit="f" * 40)
        yield fakes["github"]


@pytest.fixture
def project(owner: Person, host: FakeProvider, services: Any) -> str:
    found = str(owner.client.post("/v1/projects", {"name": "site"}).json()["id"])
    body = {"provider": "github", "url": "https://github.com/ada/site", "token": "t"}
    assert owner.client.post(f"/v1/projects/{found}/repository", body).status == 201
    return found


def deliver(project: str, secret: str, commit: str, delivery: str) -> None:
    event = {"kind": "push", "branch": "main", "commit": commit, "pusher": "ada"}
    body = json.dumps({"delivery": delivery, "repository": "101", "events": [event]}).encode()
    headers = {"X-Signature": sign(secret, body)}
    path = f"/v1/hooks/git/github/{project}"
    assert Client().call("POST", path, raw=body, headers=headers).status == 202


def handle(services: Any, chance: random.Random) -> None:
    """Some of what waits on the bus, in any order, some of it twice; the rest waits on."""
    waiting = [detail for kind, detail in services.bus.events if kind == "git.push"]
    services.bus.events.clear()
    chance.shuffle(waiting)
    for detail in waiting:
        for _ in range(chance.choice([1, 1, 2])):
            git_push.handler({"detail": detail}, None)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_newest_head_wins_whatever_becomes_of_the_webhooks(
    project: str, host: FakeProvider, services: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    secret = next(iter(host.hooks.values()))
    commits = [f"{seed:08x}{n:032x}" for n in range(PUSHES)]
    sent = [
        (commit, f"{commit}-delivery")
        for commit in commits
        if chance.random() > LOST
        for _ in range(TIMES)
    ]
    chance.shuffle(sent)
    there = host.hosted["ada/site"]
    moves = iter(commits)
    for n, (commit, delivery) in enumerate(sent):
        if n % TIMES == 0:  # the branch moves on while its webhooks are on their way
            there.refs["refs/heads/main"] = next(moves, commits[-1])
        deliver(project, secret, commit, delivery)
        if chance.random() < 0.3:
            handle(services, chance)
    there.refs["refs/heads/main"] = commits[-1]
    handle(services, chance)
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 20 * 60_000)
    poll.handler({}, None)  # what was lost is found
    handle(services, chance)
    head = rows.head(project, "main")
    assert head is not None
    assert head.commit == commits[-1]
    found, _ = rows.page(project, 1000, None, "main", None)
    alive = [row for row in found if row.state not in {"superseded", "cancelled"}]
    assert [row.commit for row in alive] == [commits[-1]]
    poll.handler({}, None)
    assert not [kind for kind, _ in services.bus.events if kind == "git.push"]
