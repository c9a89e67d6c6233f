"""What a rollout does to the production pointer, and what people do to a rollout."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.deployments.actions import changes, create, locks, pointer, sites
from chalicelib.edge.rules.routes import Match
from chalicelib.git.rules import Push
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import telling
from chalicelib.projects.rows import Project
from chalicelib.teams import actions as teams
from tests.fakes import line

_numbers = itertools.count(1_810_000_000_000_000_000, 1_000_000)
BETA = Match("header", "x-beta", ("1",))
FIRST, SECOND = "rol_" + "0" * 25 + "1", "rol_" + "0" * 25 + "2"


@pytest.fixture
def actor(database: Any, services: Any) -> Actor:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return Actor(kind="user", id=user.id, user=user.id)


@pytest.fixture
def project(actor: Actor) -> Project:
    return projects.create(actor, "My Site")


def pushed(services: Any, project: Project) -> str:
    """A push that becomes ready; live unless something holds it."""
    sequence = next(_numbers)
    commit = f"{sequence:040x}"
    services.repositories.push(project.id, "main", commit, archive=commit.encode())
    row = create.from_push(Push(project.id, "main", commit, sequence, "usr_x"))
    assert row is not None
    line.carry(services, row.id)
    return str(row.id)


@pytest.fixture
def two(services: Any, project: Project, actor: Actor) -> tuple[str, str]:
    """What is live, and a newer one that is not: it was live for a moment, and a person went back
    without a pin.
    """
    old, new = pushed(services, project), pushed(services, project)
    pointer.promote(actor, project, old, "")
    return old, new


def test_a_shift_is_in_the_route(services: Any, project: Project, two: tuple[str, str]) -> None:
    old, new = two
    moved = pointer.shift(project.id, FIRST, new, 500, BETA)
    assert moved is not None
    assert moved.rollout == FIRST
    route = services.edge.routes["my-site"]
    assert (route.production, route.canary, route.weight, route.match) == (old, new, 500, BETA)
    generation = route.generation
    assert pointer.shift(project.id, FIRST, new, 500, BETA) is not None
    assert services.edge.routes["my-site"].generation == generation  # said again, nothing moved
    assert pointer.shift(project.id, FIRST, new, 2500, None) is not None
    route = services.edge.routes["my-site"]
    assert (route.weight, route.match, route.generation) == (2500, None, generation + 1)


def test_settling_makes_the_canary_production_and_remembers(
    services: Any, project: Project, two: tuple[str, str]
) -> None:
    old, new = two
    pointer.shift(project.id, FIRST, new, 500, BETA)
    settled = pointer.settle(project.id, FIRST, new, "rolled out")
    assert settled is not None
    assert settled.deployment == new
    assert settled.reason == "rolled out"
    route = services.edge.routes["my-site"]
    assert (route.production, route.canary, route.weight, route.match) == (new, None, 0, None)
    assert [one for one, _ in route.past] == [old]
    assert pointer.settle(project.id, FIRST, new, "again") is not None
    assert pointer.shift(project.id, FIRST, new, 900, None) is None  # it is over
    assert [m.deployment for m in rows.moves(project.id)][:2] == [new, old]
    assert list(rows.still_open()) == []


def test_withdrawing_takes_the_canary_off_the_edge(
    services: Any, project: Project, two: tuple[str, str]
) -> None:
    old, new = two
    pointer.shift(project.id, FIRST, new, 5_000, None)
    assert pointer.withdraw(project.id, FIRST, "errors") is not None
    route = services.edge.routes["my-site"]
    assert (route.production, route.canary) == (old, None)
    assert services.edge.revoked[-1] == ("my-site", new)
    assert route.past[0][0] == new
    assert pointer.withdraw(project.id, FIRST, "again") is not None
    assert pointer.shift(project.id, FIRST, new, 5_000, None) is None
    assert pointer.settle(project.id, FIRST, new, "late") is None


def test_a_newer_rollout_takes_over(services: Any, project: Project, two: tuple[str, str]) -> None:
    _, new = two
    pointer.shift(project.id, SECOND, new, 500, None)
    assert pointer.shift(project.id, FIRST, new, 500, None) is None
    assert pointer.withdraw(project.id, FIRST, "") is None
    assert pointer.settle(project.id, FIRST, new, "") is None


@pytest.mark.parametrize("hand", ["promote", "rollback", "lock"])
def test_a_person_ends_a_rollout(
    services: Any, project: Project, actor: Actor, two: tuple[str, str], hand: str
) -> None:
    old, new = two
    pointer.shift(project.id, FIRST, new, 500, None)
    if hand == "promote":
        pointer.promote(actor, project, old, "no")
    elif hand == "rollback":
        assert pointer.rollback(actor, project, None, "no").deployment == old
    else:
        locks.lock(actor, project, "no")
    route = services.edge.routes["my-site"]
    assert (route.production, route.canary, route.weight) == (old, None, 0)
    assert pointer.shift(project.id, FIRST, new, 900, None) is None
    assert pointer.settle(project.id, FIRST, new, "") is None
    assert services.edge.routes["my-site"].canary is None


def test_a_rollout_begins_on_no_pinned_and_no_locked_pointer(
    services: Any, project: Project, actor: Actor, two: tuple[str, str]
) -> None:
    old, new = two
    pointer.rollback(actor, project, old, "stay")
    assert pointer.shift(project.id, FIRST, new, 500, None) is None
    locks.unpin(project)
    locks.lock(actor, project, "stay")
    assert pointer.shift(project.id, FIRST, new, 500, None) is None
    locks.unlock(project)
    assert pointer.shift(project.id, FIRST, new, 500, None) is not None


def test_what_is_not_ready_or_not_of_the_project_is_never_shown(
    services: Any, project: Project, actor: Actor, two: tuple[str, str]
) -> None:
    other = projects.create(actor, "Other")
    theirs = pushed(services, other)
    assert pointer.shift(project.id, FIRST, theirs, 500, None) is None
    assert pointer.shift(project.id, FIRST, "dpl_" + "0" * 26, 500, None) is None
    old, _ = two
    assert pointer.shift(project.id, FIRST, old, 500, None) is None  # no newer than what is live


def test_a_deleted_project_has_no_rollout(
    services: Any, project: Project, two: tuple[str, str]
) -> None:
    _, new = two
    pointer.shift(project.id, FIRST, new, 500, None)
    projects.delete(project)
    assert pointer.shift(project.id, FIRST, new, 900, None) is None
    assert pointer.settle(project.id, FIRST, new, "") is None
    assert pointer.withdraw(project.id, FIRST, "") is None
    assert services.edge.routes["my-site"].gone


def test_past_is_each_once_and_never_what_is_live(
    services: Any, project: Project, actor: Actor
) -> None:
    made = [pushed(services, project) for _ in range(3)]
    assert [one for one, _ in services.edge.routes["my-site"].past] == [made[1], made[0]]
    pointer.rollback(actor, project, made[0], "")
    assert [one for one, _ in services.edge.routes["my-site"].past] == [made[2], made[1]]


def test_settings_that_the_route_speaks_of_are_told(
    services: Any, project: Project, two: tuple[str, str]
) -> None:
    key = "a" * 64
    before = services.edge.routes["my-site"]
    found = projects.resolve(project.id)
    changed = telling.change(
        found,
        [
            Project.access.set({"scope": "all", "mode": "team", "key": key, "revoked": []}),
            Project.down.set(["eu"]),
            Project.guard.set({"rules": []}),
        ],
    )
    assert changed
    assert list(project_rows.untold()) == [project.id]
    assert ("route.changed", {"version": 1, "project": project.id}) in services.bus.events
    assert changes.tell_again() == 1
    route = services.edge.routes["my-site"]
    assert route.access is not None
    assert route.access.key == key
    assert (route.down, route.guard) == (("eu",), '{"rules":[]}')
    assert (route.generation, route.revision) == (before.generation, before.revision + 1)
    assert list(project_rows.untold()) == []
    stale = projects.resolve(project.id)
    stale.version = int(stale.version) - 1
    assert not telling.change(stale, [Project.down.set([])])


def test_skew_comes_from_the_delivery(services: Any, project: Project) -> None:
    projects.update(projects.resolve(project.id), {"delivery": {"skew_seconds": 600}}, None)
    changes.tell(project.id)
    assert services.edge.routes["my-site"].skew_seconds == 600
    assert sites.route("prj_" + "0" * 26) is None
