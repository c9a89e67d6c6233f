"""A person rolls back, locks or unlocks in the very moment in which a push goes live."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.deployments.actions import (
    create,
    finish,
    locks,
    pointer,
    releases,
    sites,
    steps,
    waiting,
)
from chalicelib.git.rules import Push
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Project
from chalicelib.teams import actions as teams
from tests.fakes import line

_numbers = itertools.count(1_850_000_000_000_000_000, 1_000_000)
ROUNDS = 25


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> Project:
    return projects.create(actor, "My Site")


def pushed(services: Any, project: Project, monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    """A deployment of a push; with `monkeypatch` one that stands right before it goes live."""
    sequence = next(_numbers)
    commit = f"{sequence:040x}"
    services.repositories.push(project.id, "main", commit, archive=b"x")
    row = create.from_push(Push(project.id, "main", commit, sequence, "usr_x"))
    assert row is not None
    if monkeypatch is None:
        line.carry(services, row.id)
    else:
        with monkeypatch.context() as patch:
            patch.setattr(steps, "promote", lambda _: {"outcome": "ok"})
            line.carry(services, row.id)
    return str(row.id)


def at_once(seed: int, *works: Callable[[], object]) -> None:
    """Do several things at the same time, each a few milliseconds late; raises what any raised.

    With the seeds 0 and 1 one of them is well ahead, so that either order is seen on any machine.
    """
    chance, faults = random.Random(seed), []
    waits = [chance.uniform(0, 0.02) for _ in works]
    if seed < len(works):
        waits = [0.0 if number == seed else 0.5 for number in range(len(works))]

    def do(work: Callable[[], object], wait: float) -> None:
        time.sleep(wait)
        try:
            work()
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=do, args=pair) for pair in zip(works, waits, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def settled(services: Any, project: Project) -> str:
    """What is live, once the edge, the pointer and the schedules agree."""
    current = project_rows.pointer(project.id)
    assert current is not None
    assert services.edge.routes["my-site"] == sites.route(project.id)
    generations = [int(move.generation) for move in rows.moves(project.id, 1000)]
    assert len(generations) == len(set(generations))
    return str(current.deployment)


def test_a_rollback_wins_over_the_push_that_finishes(
    services: Any, project: Project, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = set()
    first = pushed(services, project)
    for seed in range(ROUNDS):
        new = pushed(services, project, monkeypatch)
        at_once(
            seed,
            lambda new=new: steps.promote(new),
            lambda: pointer.rollback(actor, project, first, "stay"),
        )
        finish.notify(new)
        assert settled(services, project) == first
        current = project_rows.pointer(project.id)
        assert current is not None
        assert current.pinned
        row = rows.get(new)
        assert row is not None
        assert row.state == "ready"
        was_live = any(move.deployment == new for move in rows.moves(project.id, 1000))
        outcomes.add(was_live)
        assert (row.held is None) == was_live  # what came first left, what came late waits
        waiting.go_on()
        assert settled(services, project) == first
        locks.unpin(project)
        assert settled(services, project) == (first if was_live else new)
        pointer.promote(actor, project, first, "next round")
    assert len(outcomes) == 2, "one of the two was always first: this shows nothing"


def test_a_lock_and_a_push_that_finishes_agree(
    services: Any, project: Project, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = set()
    live = pushed(services, project)
    for seed in range(ROUNDS):
        new = pushed(services, project, monkeypatch)
        at_once(
            seed,
            lambda new=new: steps.promote(new),
            lambda: locks.lock(actor, projects.resolve(project.id), "stop"),
        )
        finish.notify(new)
        row = rows.get(new)
        assert row is not None
        went = settled(services, project) == new
        outcomes.add(went)
        assert (row.held is None) == went
        assert settled(services, project) == (new if went else live)
        at_once(
            seed,
            lambda: locks.unlock(projects.resolve(project.id)),
            waiting.go_on,
            waiting.go_on,
        )
        waiting.go_on()
        assert settled(services, project) == new
        assert list(rows.held_back()) == []
        live = new
    assert len(outcomes) == 2, "one of the two was always first: this shows nothing"


def test_steps_of_a_rollout_and_a_rollback_cross(
    services: Any, project: Project, actor: Actor
) -> None:
    first, new = pushed(services, project), pushed(services, project)
    for seed in range(ROUNDS):
        pointer.promote(actor, project, first, "next round")
        rollout = f"rol_{seed:026d}"
        assert pointer.shift(project.id, rollout, new, 500, None) is not None
        at_once(
            seed,
            lambda rollout=rollout: pointer.settle(project.id, rollout, new, "done"),
            lambda rollout=rollout: pointer.withdraw(project.id, rollout, "bad"),
            lambda: pointer.rollback(actor, project, first, "stay"),
        )
        assert settled(services, project) == first
        route = services.edge.routes["my-site"]
        assert (route.canary, route.weight) == (None, 0)
        assert pointer.shift(project.id, rollout, new, 900, None) is None
        releases.follow(project.id)
