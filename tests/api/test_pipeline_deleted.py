"""Projects that are deleted while they are deployed, and machines that end before their time."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.builds import rows as build_rows
from chalicelib.core.actor import Actor
from chalicelib.core.errors import NotFound
from chalicelib.deployments.actions import (
    moving,
    pointer,
    steps,
    sweep,
)
from chalicelib.ports import SmokeAnswer
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.projects.actions import variables
from chalicelib.projects.actions.sealing import Scope, Wish
from tests.api.halfway import DeadError, begun, building, built, die, impatient, state
from tests.api.pipeline import actor, project
from tests.fakes import line

__all__ = ["actor", "impatient", "project"]


# -- projects that are deleted


def test_a_deletion_that_comes_late_leaves_the_new_owner_of_the_slug_alone(
    services: Any, project: Any, actor: Actor
) -> None:
    late = projects.resolve(project.id)
    projects.delete(projects.resolve(project.id))
    heir = projects.create(actor, "My Site")
    projects.delete(late)
    assert project_rows.id_of_slug("my-site") == heir.id
    assert services.edge.routes["my-site"].site == heir.id


def test_a_deployment_that_goes_live_while_its_project_is_deleted_does_not(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    row = begun(services, project)
    real = moving.write

    def meanwhile(*arguments: Any, **named: Any) -> Any:
        projects.delete(projects.resolve(project.id))
        monkeypatch.setattr(moving, "write", real)
        return real(*arguments, **named)

    monkeypatch.setattr(moving, "write", meanwhile)
    line.carry(services, row.id)
    assert state(row.id) == "cancelled"
    assert services.edge.routes["my-site"].gone
    assert project_rows.pointer(project.id) is None


def test_nobody_moves_the_pointer_of_a_project_that_is_gone(
    services: Any, project: Any, actor: Actor
) -> None:
    one, two = begun(services, project), begun(services, project, "x")
    for row in (one, two):
        line.carry(services, row.id)
    known = projects.resolve(project.id)
    projects.delete(projects.resolve(project.id))
    with pytest.raises(NotFound):
        pointer.promote(actor, known, two.id, "")
    assert services.edge.routes["my-site"].gone


def test_deployments_of_a_deleted_project_end(services: Any, project: Any, impatient: None) -> None:
    row, build = building(services, project)
    projects.delete(projects.resolve(project.id))
    sweep.sweep()
    assert state(row.id) == "cancelled"
    assert build_rows.get(build).outcome == "cancelled"  # type: ignore[union-attr]


@pytest.mark.parametrize("remote", [True, False])
def test_a_deletion_that_died_in_the_middle_is_finished_by_the_sweep(
    services: Any, project: Any, actor: Actor, monkeypatch: Any, remote: bool
) -> None:
    if not remote:  # as on AWS, where no list of repositories tells of the project
        monkeypatch.setattr(services.repositories, "projects", list)
    variables.put_variable(actor, project, Scope("all"), Wish("TOKEN", "s3cret", True))
    with monkeypatch.context() as moment:
        moment.setattr(services.edge, "put", die)
        with pytest.raises(DeadError):
            projects.delete(projects.resolve(project.id))
    sweep.sweep()
    assert services.edge.routes["my-site"].gone
    assert services.repositories.projects() == []
    assert list(project_rows.variables(project.id)) == []
    assert list(project_rows.leaving()) == []


def test_machines_that_end_before_their_runner_speaks(
    services: Any, project: Any, impatient: None
) -> None:
    """And the event that tells of their end is lost: the sweep asks the builder."""
    _row, build = building(services, project)
    services.builder.dead = {f"{build}-1", f"{build}-2"}
    sweep.sweep()
    found = build_rows.get(build)
    assert found is not None
    assert found.outcome == "failed"
    assert found.error["code"] == "runner_lost"
    assert "FAILED" in found.error["message"]


def test_a_project_whose_edge_was_never_told_still_goes_live(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    services.edge.routes.clear()
    row = built(services, project)

    def ask(_host: str, _path: str) -> SmokeAnswer:
        known = "my-site" in services.edge.routes
        return SmokeAnswer(200, row.id, 1) if known else SmokeAnswer(404, "", 1)

    monkeypatch.setattr(services.edge, "ask", ask)
    for step in (steps.package, steps.publish, steps.verify, steps.promote):
        step(row.id)
    assert state(row.id) == "ready"
