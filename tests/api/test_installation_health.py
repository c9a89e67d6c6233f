"""How the parts of an installation are: each by itself, whatever the others do."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from chalicelib.identity.actions.users import make_admin
from chalicelib.identity.rows import user_of
from chalicelib.meta import actions
from tests.fakes.people import Person

pytestmark = pytest.mark.usefixtures("database")


def test_only_those_who_run_it_are_told(owner: Person) -> None:
    assert owner.client.get("/v1/admin/health").code == "admin_only"
    user = user_of(owner.id)
    assert user is not None
    make_admin(user)
    answer = owner.client.get("/v1/admin/health")
    assert answer.status == 200, answer.text
    found = answer.json()
    assert found["ok"]
    assert (found["cloud"], len(found["parts"])) == ("local", len(actions.CHECKS))
    assert found["disk"]["free_bytes"] <= found["disk"]["total_bytes"]


def part(found: actions.Health, name: str) -> actions.Part:
    return next(one for one in found.parts if one.name == name)


def test_all_is_well(owner: Person, services: Any) -> None:
    owner.client.post("/v1/projects", {"name": "one"})
    found = actions.look()
    assert {one.name: one.state for one in found.parts} == dict.fromkeys(actions.CHECKS, "ok")
    assert found.ok
    assert found.counts["projects"] == 1
    assert (found.counts["deployments"], found.counts["users"]) == (0, 1)
    assert {q.name: q.waiting for q in found.queues} == {
        "builds": 0,
        "errands": 0,
        "deployments": 0,
        "domains": 0,
    }


def test_one_that_fails_fails_nothing_else(
    owner: Person, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(services.store, "size", broken)
    found = actions.look()
    store = part(found, "store")
    assert (store.state, found.ok) == ("down", False)
    assert "connection refused" in store.detail
    assert store.hint
    assert [one.name for one in found.parts if one.state != "ok"] == ["store"]


def test_one_that_does_not_answer_is_not_waited_for(
    owner: Person, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, over = threading.Event(), []
    monkeypatch.setattr(services.bus, "put", lambda *_: over.append(hangs.wait(60)))
    found = actions.look(limit_seconds=1.0)
    assert over == [], "nobody waited for it"
    hangs.set()
    assert part(found, "bus").state == "down"
    assert "within 1 seconds" in part(found, "bus").detail


def test_one_that_takes_long_is_slow(
    owner: Person, services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "SLOW_MS", -1)
    found = actions.look()
    assert {one.state for one in found.parts} == {"slow"}
    assert found.ok


def test_what_waits_is_counted(owner: Person, services: Any) -> None:
    site = owner.client.post("/v1/projects", {"name": "one"}).json()["id"]
    services.repositories.push(site, "main", "a" * 40)
    assert owner.client.post(f"/v1/projects/{site}/deployments", {"branch": "main"}).status == 201
    found = actions.look()
    waiting = {q.name: (q.waiting, q.oldest_seconds) for q in found.queues}["deployments"]
    assert waiting[0] == 1
    assert waiting[1] is not None
    assert waiting[1] < 60
    assert found.counts["deployments"] == 1
