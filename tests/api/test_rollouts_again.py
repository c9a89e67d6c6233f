"""Executions of a rollout that are lost, come twice, or go on in another."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.deployments import rows as deployment_rows
from chalicelib.deployments.actions import pointer
from chalicelib.projects import actions as projects
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import going, people, sweeping
from chalicelib.rollouts.rules import states
from functions.rollouts import look
from tests.api.rolling import Site
from tests.api.rollouts import BAD, canary, site, weights

__all__ = ["canary", "site"]


def test_a_lost_execution_goes_on_in_another(canary: Site) -> None:
    row = canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    name, _ = canary.started()[-1]
    canary.services.workflow.executions["rollout", name].status = "FAILED"
    assert sweeping.sweep()["rollouts_resumed"] == 0  # it changed a moment ago
    canary.hands.wait(120)
    assert sweeping.sweep() == {"rollouts": 1, "rollouts_resumed": 1}
    assert canary.started()[-1][0] == f"{name}-1"
    assert (
        look.handler({**dict(canary.started()[0][1]), "state": "Look"}, None)["outcome"] == "over"
    )
    canary.run()
    assert canary.pointer().deployment == row.id


def test_a_rollout_of_a_deleted_project_is_closed(canary: Site) -> None:
    canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    projects.delete(canary.project)
    sweeping.sweep()
    assert list(rows.still_open()) == []


def test_every_state_may_run_twice(canary: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.api import rolling

    twice = {}
    for name, (module, ways) in rolling.STATES.items():

        class Twice:
            def __init__(self, module: Any) -> None:
                self.module = module

            def handler(self, event: dict[str, Any], context: object) -> dict[str, Any]:
                self.module.handler(event, context)
                return dict(self.module.handler(event, context))

        twice[name] = (Twice(module), ways)
    monkeypatch.setattr(rolling, "STATES", twice)
    row = canary.deploy()
    canary.run()
    assert canary.pointer().deployment == row.id
    assert weights(canary) == [500, 2500, 5000]
    bad = canary.deploy(BAD)
    canary.run()
    assert canary.rollout().state == "aborted"
    assert canary.pointer().deployment == row.id
    assert bad.id != row.id


def test_a_rollout_closed_during_a_shift_holds_no_pointer(
    canary: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person aborts between the moment the pointer is moved and the moment it is noted."""
    before = canary.pointer().deployment
    canary.deploy()
    real = pointer.shift

    def aborted(*given: Any) -> Any:
        moved = real(*given)
        monkeypatch.setattr(going.pointer, "shift", real)
        people.abort(canary.actor, canary.project, canary.rollout().id, "no")
        return moved

    monkeypatch.setattr(going.pointer, "shift", aborted)
    canary.run()
    assert (canary.pointer().deployment, canary.pointer().canary) == (before, None)
    assert canary.rollout().state == "aborted"


def test_an_execution_is_renewed_before_its_history_is_full(
    canary: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(states, "LOOKS_A_RUN", 3)
    row = canary.deploy()
    for _ in range(40):
        canary.run()
        if canary.rollout().state != states.RUNNING:
            break
    assert canary.pointer().deployment == row.id
    assert len(canary.started()) > 3


def test_it_waits_for_the_end_of_the_pipeline(
    canary: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chalicelib.rollouts.actions import beginning

    row = canary.deploy()
    name, data = canary.started()[-1]
    row.update(actions=[deployment_rows.Deployment.state.set("promoting")])
    with pytest.raises(beginning.NotReadyError):
        beginning.begin(data["project"], name, row.id)
    assert list(rows.still_open()) == [(canary.project.id, name)]
    row.update(actions=[deployment_rows.Deployment.state.set("ready")])
    canary.run()
    assert canary.pointer().deployment == row.id
