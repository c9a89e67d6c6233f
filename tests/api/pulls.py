"""A project with branches and pull requests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.artifacts import rules as artifact_rules
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order
from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.teams import actions as teams
from tests.fakes import line
from tests.fakes.pull_host import PullHost, connected

_numbers = itertools.count(1_800_000_000_000_000_000, 1_000_000)


def at() -> int:
    return next(_numbers)


def sha(letter: str) -> str:
    return letter * 40


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> project_rows.Project:
    made = projects.create(actor, "Shop")
    made.update(actions=[project_rows.Project.production_branch.set("main")])
    return made


@pytest.fixture
def host(project: Any) -> Iterator[PullHost]:
    made = PullHost()
    with connected(made, project):
        yield made


def flow(project: Any, **said: Any) -> None:
    project.update(actions=[project_rows.Project.git.set(said)])


def ready(services: Any, row: rows.Deployment | None) -> rows.Deployment:
    assert row is not None
    line.carry(services, row.id)
    found = rows.get(row.id)
    assert found is not None
    assert found.state == "ready", found.error
    return found


def spec(row: rows.Deployment) -> dict[str, Any]:
    built = build_rows.get(order.build_id(row.id))
    assert built is not None
    return dict(built.spec)


def again(row: rows.Deployment | None) -> rows.Deployment:
    assert row is not None
    found = rows.get(row.id)
    assert found is not None
    return found


# the end of previews


def gone(services: Any, row: rows.Deployment) -> bool:
    found = again(row)
    keys = {artifact_rules.manifest_key(row.id), artifact_rules.sizes_key(row.id)}
    away = not keys & set(services.store.objects)
    assert bool(found.removed_at) == away == (row.id in services.edge.forgotten)
    named = [a for a in rows.aliases(row.project) if a.deployment == row.id]
    assert not (away and named)
    return away
