"""What a rollback asks of the edge, and what it does when the edge cannot."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, pointer, sweep
from chalicelib.git.rules import Push
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.teams import actions as teams
from tests.fakes import line

_numbers = itertools.count(1_800_000_000_000_000_000, 1_000_000)


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> project_rows.Project:
    return projects.create(actor, "My Site")


@pytest.fixture
def live(services: Any, project: project_rows.Project) -> list[str]:
    """Two deployments that were live one after the other."""
    made = []
    for _ in range(2):
        sequence = next(_numbers)
        commit = f"{sequence:040x}"
        services.repositories.push(project.id, "main", commit, archive=commit.encode())
        row = create.from_push(Push(project.id, "main", commit, sequence, "usr_x"))
        assert row is not None
        line.carry(services, row.id)
        made.append(row.id)
    return made


def test_a_rollback_has_the_edge_revoke_what_it_leaves(
    services: Any, project: Any, actor: Actor, live: list[str]
) -> None:
    assert services.edge.revoked == []
    pointer.rollback(actor, project, None, "broken")
    assert services.edge.revoked == [("my-site", live[1])]
    route = services.edge.routes["my-site"]
    assert (route.production, route.generation) == (live[0], 3)
    assert list(rows.still_open()) == []


def test_a_rollback_that_moves_nothing_revokes_nothing(
    services: Any, project: Any, actor: Actor, live: list[str]
) -> None:
    pointer.rollback(actor, project, live[1], "pin it")
    pointer.rollback(actor, project, live[1], "pin it")
    assert services.edge.revoked == []
    pointer.rollback(actor, project, live[0], "broken")
    pointer.rollback(actor, project, live[0], "broken")
    assert services.edge.revoked == [("my-site", live[1])]


def test_going_live_and_promoting_revoke_nothing(
    services: Any, project: Any, actor: Actor, live: list[str]
) -> None:
    pointer.promote(actor, project, live[0], "")
    pointer.promote(actor, project, live[1], "")
    assert services.edge.revoked == []
    assert services.edge.routes["my-site"].production == live[1]


def test_a_purge_that_fails_fails_no_rollback(
    services: Any, project: Any, actor: Actor, live: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(route: object, deployment: str) -> None:
        raise RuntimeError(f"CloudFront did not drop {deployment} for {route}")

    monkeypatch.setattr(services.edge, "revoke", refuse)
    found = pointer.rollback(actor, project, None, "broken")
    assert (found.deployment, bool(found.pinned)) == (live[0], True)
    assert services.edge.routes["my-site"].production == live[0]
    assert list(rows.still_open()) == []


def test_an_edge_that_takes_no_route_is_told_by_the_sweep(
    services: Any, project: Any, actor: Actor, live: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("out of reach")

    with monkeypatch.context() as broken:
        broken.setattr(services.edge, "put", refuse)
        with pytest.raises(OSError):
            pointer.rollback(actor, project, None, "broken")
    assert project_rows.production_of(project.id) == live[0]
    assert services.edge.routes["my-site"].production == live[1]
    monkeypatch.setattr(sweep, "QUIET_MS", -1)
    sweep.sweep()
    assert services.edge.routes["my-site"].production == live[0]
    assert list(rows.still_open()) == []
