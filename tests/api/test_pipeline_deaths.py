"""Somebody dies in the middle of a deployment: somebody else finishes what was begun."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order, report
from chalicelib.core import idempotency, table
from chalicelib.core.actor import Actor
from chalicelib.deployments import rows
from chalicelib.deployments.actions import (
    create,
    finish,
    pointer,
    sites,
    steps,
    sweep,
)
from chalicelib.git import actions as git
from chalicelib.git import rows as git_rows
from chalicelib.ports import SmokeAnswer
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from tests.api.halfway import DeadError, begun, building, built, die, impatient, state
from tests.api.pipeline import actor, project, push
from tests.fakes import line

__all__ = ["actor", "impatient", "project"]


def test_the_edge_is_told_although_promote_died_before_it_did(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    row = built(services, project)
    services.edge.default = SmokeAnswer(200, row.id, 3)
    for step in (steps.package, steps.publish, steps.verify):
        step(row.id)
    with monkeypatch.context() as moment:
        moment.setattr(sites, "take_off", die)
        with pytest.raises(DeadError):
            steps.promote(row.id)
    assert state(row.id) == "ready"
    assert services.edge.routes["my-site"].production is None
    steps.promote(row.id)
    assert services.edge.routes["my-site"].production == row.id


@pytest.mark.parametrize("how", ["pipeline", "person"])
def test_the_sweep_tells_the_edge_when_nobody_is_left_to_do_it(
    services: Any, project: Any, actor: Actor, impatient: None, monkeypatch: Any, how: str
) -> None:
    first = begun(services, project)
    line.carry(services, first.id)
    second = begun(services, project)
    if how == "person":
        line.carry(services, second.id)

    def move() -> None:
        if how == "person":
            pointer.rollback(actor, project, None, "")
        else:
            line.carry(services, second.id)

    with monkeypatch.context() as moment:
        moment.setattr(sites, "take_off", die)
        with pytest.raises(DeadError):
            move()
    services.workflow.executions.clear()
    live_id = project_rows.production_of(project.id)
    assert services.edge.routes["my-site"].production != live_id
    sweep.sweep()
    assert services.edge.routes["my-site"].production == live_id
    assert list(rows.still_open()) == []


@pytest.mark.parametrize("ended", ["cancelled", "failed"])
def test_the_build_ends_although_whoever_ended_the_deployment_died(
    services: Any, project: Any, actor: Actor, impatient: None, monkeypatch: Any, ended: str
) -> None:
    row, build = building(services, project)
    report.claim(build, "runner-1")

    def end() -> None:
        if ended == "failed":
            finish.fault(row.id, "boom")
        else:
            create.cancel(row, actor)

    with monkeypatch.context() as moment:
        moment.setattr(rows, "advance", die)
        with pytest.raises(DeadError):
            end()
    assert services.builder.stopped == [f"{build}-1"]
    assert steps.package(row.id) == {"outcome": ended}
    assert state(row.id) == ended


def test_the_sweep_tells_of_an_end_that_nobody_told_of(
    services: Any, project: Any, actor: Actor, impatient: None
) -> None:
    row = begun(services, project)
    services.workflow.executions.clear()
    create.cancel(row, actor)
    sweep.sweep()
    assert [e["state"] for e in services.bus.of("deployment.finished")] == ["cancelled"]
    assert list(rows.still_open()) == []


def test_a_builder_that_is_down_does_not_keep_anybody_from_cancelling(
    services: Any, project: Any, actor: Actor, monkeypatch: Any
) -> None:
    row, _ = building(services, project)

    def down(_: str) -> None:
        raise OSError("the slots process does not answer")

    monkeypatch.setattr(services.builder, "stop", down)
    assert create.cancel(row, actor).state == "cancelled"


def test_an_outcome_that_nobody_waits_for_starts_the_machine_again(
    services: Any, project: Any, impatient: None
) -> None:
    row, build = building(services, project)
    order.run(build, "the token of an execution that is over")
    line.runner(services, build, line.PAGE)
    sweep.sweep()
    assert ("deploy", f"{row.id}-1") in services.workflow.executions


def test_a_silent_runner_is_stopped_when_it_is_replaced(services: Any, project: Any) -> None:
    _, build = building(services, project)
    report.claim(build, "runner-1")
    order.reap(build, build_rows.get(build).heartbeat_ms + order.SILENT_MS + 1)  # type: ignore[union-attr]
    assert services.builder.stopped == [f"{build}-1"]


def test_one_broken_repository_keeps_the_sweep_from_no_other(
    services: Any, project: Any, actor: Actor, monkeypatch: Any
) -> None:
    other = projects.create(actor, "Zzz")
    push(services, other)
    real = services.repositories.heads

    def broken(project_id: str) -> Any:
        return die() if project_id == project.id else real(project_id)

    monkeypatch.setattr(services.repositories, "heads", broken)
    assert sweep.sweep()["caught_up"] == 1


def test_a_push_whose_event_was_not_taken_is_published_when_it_comes_again(
    services: Any, project: Any, monkeypatch: Any
) -> None:
    update = {"ref": "refs/heads/main", "old": "0" * 40, "new": "a" * 40, "sequence": 5}
    with monkeypatch.context() as moment:
        moment.setattr(services.bus, "put", die)
        with pytest.raises(DeadError):
            git.receive(project.id, [update], "x", "delivery")
    git.receive(project.id, [update], "x", "delivery")
    git.receive(project.id, [update], "x", "delivery")
    assert len(services.bus.of("git.push")) == 1


@pytest.fixture
def deaf(monkeypatch: Any) -> None:
    """Every conditional put is applied, its answer lost, and sent again by the SDK."""
    real = table.TableConnection.put_item

    def twice(self: Any, *arguments: Any, **named: Any) -> Any:
        real(self, *arguments, **named)
        return real(self, *arguments, **named)

    monkeypatch.setattr(table.TableConnection, "put_item", twice)


def test_a_delivery_that_was_recorded_by_a_lost_request_is_still_the_first(
    database: Any, deaf: None
) -> None:
    assert git_rows.first_time("builtin", "one")
    assert not git_rows.first_time("builtin", "one")


def test_an_idempotency_key_that_was_taken_by_a_lost_request_is_ours(
    database: Any, deaf: None
) -> None:
    request = idempotency.fingerprint("x")
    assert idempotency.once("usr", "k" * 20, request, lambda: (201, {}, {})) == (201, {}, {})
