"""Steps, runners and events that come twice, late or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order, report, tokens
from chalicelib.core.errors import Conflict, Unauthenticated
from chalicelib.deployments import rows
from chalicelib.deployments.actions import create, steps, sweep
from chalicelib.projects import rows as project_rows
from tests.api.pipeline import actor, project, push
from tests.fakes import line

__all__ = ["actor", "project"]


@pytest.mark.parametrize("repeated", ["prepare", "package", "publish", "verify", "promote"])
def test_every_step_may_come_twice(services: Any, project: Any, repeated: str) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    real = getattr(steps, repeated)
    calls: list[dict[str, Any]] = []

    def twice(deployment: str) -> dict[str, Any]:
        calls.append(real(deployment))
        calls.append(real(deployment))
        return calls[0]

    try:
        setattr(steps, repeated, twice)
        line.carry(services, row.id)
    finally:
        setattr(steps, repeated, real)
    assert rows.get(row.id).state == "ready"  # type: ignore[union-attr]
    assert project_rows.production_of(project.id) == row.id
    assert len(rows.moves(project.id)) == 1


def test_a_lost_runner_is_replaced_once(services: Any, project: Any) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    services.workflow.waiting.add("t")
    steps.prepare(row.id)
    steps.build(row.id, "t")
    build = order.build_id(row.id)
    old_token = services.builder.orders[f"{build}-1"].token
    report.claim(build, "runner-1")
    order.reap(build, build_rows.get(build).heartbeat_ms + order.SILENT_MS + 1)  # type: ignore[union-attr]
    new_token = services.builder.orders[f"{build}-2"].token
    assert tokens.authenticate(new_token).build == build
    with pytest.raises(Unauthenticated):
        tokens.authenticate(old_token)
    report.claim(build, "runner-2")
    order.reap(build, build_rows.get(build).heartbeat_ms + order.SILENT_MS + 1)  # type: ignore[union-attr]
    assert services.workflow.answers["t"]["outcome"] == "failed"
    assert steps.package(row.id) == {"outcome": "failed"}
    assert rows.get(row.id).error["code"] == "runner_lost"  # type: ignore[union-attr]


def test_two_runners_cannot_have_one_build(services: Any, project: Any) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    steps.prepare(row.id)
    build = order.build_id(row.id)
    report.claim(build, "runner-1")
    report.claim(build, "runner-1")
    with pytest.raises(Conflict) as caught:
        report.claim(build, "runner-2")
    assert caught.value.code == "already_claimed"


def test_the_sweep_resumes_lost_executions(services: Any, project: Any, monkeypatch: Any) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    services.workflow.executions.clear()
    monkeypatch.setattr(sweep, "QUIET_MS", -1)
    assert sweep.sweep()["resumed"] == 1
    assert ("deploy", f"{row.id}-1") in services.workflow.executions
    assert sweep.sweep()["resumed"] == 0
    for _ in range(sweep.MAX_RUNS + 1):
        services.workflow.executions.clear()
        sweep.sweep()
    assert rows.get(row.id).error["code"] == "pipeline_fault"  # type: ignore[union-attr]
    assert sweep.sweep()["open"] == 0


def test_an_outcome_whose_answer_was_lost_is_answered_again(services: Any, project: Any) -> None:
    row = create.from_push(push(services, project))
    assert row is not None
    steps.prepare(row.id)
    steps.build(row.id, "forgotten")
    build = order.build_id(row.id)
    line.runner(services, build, line.PAGE)
    services.workflow.waiting.add("new")
    steps.build(row.id, "new")
    assert services.workflow.answers["new"]["outcome"] == "ok"


def test_pushes_that_got_lost_are_caught_up(services: Any, project: Any) -> None:
    lost = push(services, project)
    assert sweep.catch_up(project.id) == 1
    assert sweep.catch_up(project.id) == 0
    head = rows.head(project.id, "main")
    assert head is not None
    assert head.commit == lost.commit
