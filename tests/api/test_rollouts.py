"""Rollouts on a real database: from a push to everybody, or back."""

from __future__ import annotations

import pytest

from chalicelib.core import ids
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.deployments import rows as deployment_rows
from chalicelib.ports import SmokeAnswer
from chalicelib.projects import actions as projects
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import people
from chalicelib.rollouts.rules import states
from functions.rollouts import look, shift
from tests.api.rolling import Site
from tests.api.rollouts import BAD, canary, site, weights

__all__ = ["canary", "site"]


def test_a_good_version_reaches_everybody_step_by_step(canary: Site) -> None:
    before = canary.pointer()
    row = canary.deploy()
    assert row.state == "ready"
    assert canary.pointer().deployment == before.deployment
    assert canary.pointer().canary is None
    visited = canary.run()
    assert visited[0] == "Begin"
    assert visited[-1] == "Settle"
    assert weights(canary) == [500, 2500, 5000]
    now, rollout = canary.pointer(), canary.rollout()
    assert (now.deployment, now.canary, now.weight, now.rollout) == (row.id, None, 0, None)
    assert (rollout.state, rollout.base) == ("completed", before.deployment)
    assert next(deployment for deployment, _ in now.past) == before.deployment
    route = canary.services.edge.routes["my-site"]
    assert (route.production, route.canary) == (row.id, None)
    assert 900 <= canary.hands.passed_seconds <= 1000
    assert list(rows.still_open()) == []


def test_a_bad_version_is_taken_back_and_the_verdict_says_why(canary: Site) -> None:
    before = canary.pointer()
    row = canary.deploy(BAD)
    assert canary.run()[-1] == "Withdraw"
    now, rollout = canary.pointer(), canary.rollout()
    assert (now.deployment, now.canary, now.weight) == (before.deployment, None, 0)
    assert rollout.state == "aborted"
    assert "errors" in rollout.reason
    verdict = rollout.verdict
    assert verdict["outcome"] == "abort"
    assert verdict["numbers"]["canary"]["error_rate"] > 0.1
    assert verdict["numbers"]["evidence"]["errors"] >= verdict["numbers"]["needed"]
    assert row.id in {deployment for _, deployment in canary.services.edge.revoked}
    assert canary.hands.ahead_ms <= 60_000


def test_the_first_deployment_goes_live_at_once(site: Site) -> None:
    site.delivers(strategy="canary")
    row = site.deploy()
    assert site.pointer().deployment == row.id
    assert site.started() == []


def test_without_a_strategy_everything_goes_live_at_once(site: Site) -> None:
    site.deploy()
    row = site.deploy()
    assert site.pointer().deployment == row.id
    assert site.started() == []


def test_blue_green_has_its_steps_and_keeps_the_old_one(site: Site) -> None:
    blue = site.deploy()
    site.delivers(strategy="blue-green", keep_seconds=1800)
    green = site.deploy()
    site.run()
    assert weights(site) == [500, 5000]
    assert 600 <= site.hands.passed_seconds <= 700
    rollout = site.rollout()
    people.abort(site.actor, site.project, rollout.id, "it smells")
    assert site.pointer().deployment == blue.id
    assert site.pointer().pinned
    assert site.rollout().state == "aborted"
    assert green.id in {deployment for _, deployment in site.services.edge.revoked}


def test_what_is_not_kept_any_more_is_not_taken_back(site: Site) -> None:
    site.deploy()
    site.delivers(strategy="blue-green", keep_seconds=60)
    site.deploy()
    site.run()
    site.hands.wait(61)
    with pytest.raises(Conflict, match="completed"):
        people.abort(site.actor, site.project, site.rollout().id, "")


def test_steps_of_its_own_and_a_match(canary: Site) -> None:
    match = {"kind": "header", "name": "x-beta", "values": ["yes"]}
    steps = [{"weight": 0, "seconds": 10}, {"weight": 12.5, "seconds": 60}]
    canary.delivers(strategy="canary", steps=steps, match=match, judge={"max_seconds": 20})
    canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    route = canary.services.edge.routes["my-site"]
    assert (route.weight, route.match.kind, route.match.values) == (0, "header", ("yes",))
    canary.run()
    assert weights(canary) == [0, 1250]
    assert canary.rollout().state == "completed"


def test_silence_may_hold_and_a_person_goes_on(canary: Site) -> None:
    canary.delivers(strategy="canary", judge={"when_silent": "hold", "max_seconds": 600})
    canary.rate = 0
    row = canary.deploy()
    assert canary.run()[-1] == "Look"
    rollout = canary.rollout()
    assert (rollout.state, canary.pointer().weight) == (states.PAUSED, 500)
    assert "0 of 200 requests" in rollout.reason
    canary.hands.wait(3600)
    people.resume(canary.actor, canary.project, rollout.id)
    assert canary.rollout().state == states.RUNNING
    canary.rate = 40
    canary.run()
    assert canary.pointer().deployment == row.id
    assert [name for name, _ in canary.started()] == [rollout.id, f"{rollout.id}-1"]


def test_a_failed_check_takes_it_back(canary: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.rollouts.actions.checking.PAUSE_SECONDS", 0)
    canary.delivers(strategy="canary", checks=[{"path": "/health", "status": 200}])
    row = canary.deploy()
    canary.services.edge.default = SmokeAnswer(404, row.id, 3)
    assert canary.run()[-1] == "Withdraw"
    assert canary.rollout().reason == "/health answered 404, not 200."
    label = ids.label(row.id)
    assert (f"{label}--my-site.localhost", "/health") in canary.services.edge.asked


def test_an_edge_out_of_reach_is_no_verdict(canary: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    canary.delivers(strategy="canary", checks=[{"path": "/", "status": 200}])
    row = canary.deploy()

    def away(_host: str, _path: str) -> SmokeAnswer:
        raise OSError("away")

    monkeypatch.setattr(canary.services.edge, "ask", away)
    canary.run()
    assert canary.pointer().deployment == row.id


def test_a_newer_push_takes_its_place(canary: Site) -> None:
    first = canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    held = canary.started()[-1]
    second = canary.deploy()
    canary.run(lambda: canary.pointer().canary == second.id)
    assert canary.pointer().weight == 500
    event = {"machine": "rollout", "state": "Look", **held[1]}
    assert look.handler(event, None)["outcome"] == "over"
    old = rows.get(canary.project.id, held[0])
    assert old is not None
    assert old.state == "overtaken"
    assert second.id in old.reason
    canary.run()
    assert canary.pointer().deployment == second.id
    assert first.id not in {m.deployment for m in deployment_rows.moves(canary.project.id)}


def test_nobody_elses_rollout_is_found(canary: Site) -> None:
    canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    other = projects.create(canary.actor, "Other")
    with pytest.raises(NotFound):
        people.pause(canary.actor, other, canary.rollout().id)
    event = {"project": other.id, "rollout": canary.rollout().id, "deployment": "x", "run": 0}
    assert shift.handler(event, None)["outcome"] == "over"
