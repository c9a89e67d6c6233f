"""Rollouts on a real database: from a push to everybody, or back."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core import ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, NotFound
from chalicelib.deployments import rows as deployment_rows
from chalicelib.deployments.actions import pointer
from chalicelib.ports import SmokeAnswer
from chalicelib.projects import actions as projects
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import going, people, sweeping
from chalicelib.rollouts.rules import states
from chalicelib.teams import actions as teams
from functions.rollouts import look, shift
from tests.api.rolling import Hands, Site
from tests.unit.rollouts.visits import Version

BAD = Version(errors=0.2)


@pytest.fixture
def site(database: Any, services: Any, monkeypatch: pytest.MonkeyPatch) -> Site:
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    actor = Actor(kind="user", id=user.id, user=user.id)
    return Site(services, Hands(monkeypatch), actor, projects.create(actor, "My Site"))


@pytest.fixture
def canary(site: Site) -> Site:
    """A live site whose next push goes out in steps."""
    site.deploy()
    site.delivers(strategy="canary")
    return site


def weights(site: Site) -> list[int]:
    """The weights that visitors were shown, in their order."""
    return [one["weight"] for one in site.rollout().history if one["outcome"] == "shift"]


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


def test_a_pause_keeps_the_weight_and_counts_for_no_step(canary: Site) -> None:
    canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    paused = people.pause(canary.actor, canary.project, canary.rollout().id)
    assert people.pause(canary.actor, canary.project, paused.id).state == states.PAUSED
    assert canary.run() == ["Begin"]
    assert sweeping.sweep() == {"rollouts": 1, "rollouts_resumed": 0}
    canary.hands.wait(86_400)
    assert canary.pointer().weight == 500
    people.resume(canary.actor, canary.project, paused.id)
    began = canary.hands.passed_seconds
    canary.run(lambda: int(canary.rollout().step) == 1)
    assert canary.hands.passed_seconds - began >= 260


def test_a_person_passes_a_step_and_the_last_one(canary: Site) -> None:
    row = canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    identifier = canary.rollout().id
    for weight in (2500, 5000):
        people.advance(canary.actor, canary.project, identifier)
        assert canary.pointer().weight == weight
    people.advance(canary.actor, canary.project, identifier)
    assert canary.pointer().deployment == row.id
    assert canary.rollout().state == "completed"
    with pytest.raises(Conflict, match="completed"):
        people.advance(canary.actor, canary.project, identifier)


def test_a_person_takes_it_back(canary: Site) -> None:
    before = canary.pointer().deployment
    canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    identifier = canary.rollout().id
    people.abort(canary.actor, canary.project, identifier, "no good")
    assert (canary.pointer().deployment, canary.pointer().canary) == (before, None)
    rollout = canary.rollout()
    assert (rollout.state, rollout.reason) == ("aborted", "no good")
    assert canary.run() == ["Begin"]
    people.abort(canary.actor, canary.project, identifier, "again")
    with pytest.raises(Conflict, match="no good"):
        people.resume(canary.actor, canary.project, identifier)


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


@pytest.mark.parametrize("how", ["promote", "rollback", "other"])
def test_a_person_at_the_pointer_ends_it(canary: Site, how: str) -> None:
    older = canary.pointer().deployment
    newer = canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    if how == "promote":
        pointer.promote(canary.actor, canary.project, newer.id, "now")
    elif how == "rollback":
        pointer.rollback(canary.actor, canary.project, None, "no")
    else:
        pointer.promote(canary.actor, canary.project, older, "stay")
    canary.run()
    assert canary.rollout().state == ("completed" if how == "promote" else "overtaken")
    assert canary.pointer().deployment == (newer.id if how == "promote" else older)
    assert canary.pointer().canary is None


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


def test_nobody_elses_rollout_is_found(canary: Site) -> None:
    canary.deploy()
    canary.run(lambda: canary.pointer().canary is not None)
    other = projects.create(canary.actor, "Other")
    with pytest.raises(NotFound):
        people.pause(canary.actor, other, canary.rollout().id)
    event = {"project": other.id, "rollout": canary.rollout().id, "deployment": "x", "run": 0}
    assert shift.handler(event, None)["outcome"] == "over"


def _after(states_seen: int) -> Any:
    """True once the machine has been in so many states."""
    seen = iter(range(1, 1000))
    return lambda: next(seen) >= states_seen


def _weekend(canary: Site) -> dict[str, str]:
    """A freeze that began a minute ago and lasts for two days."""
    from datetime import UTC, datetime, timedelta

    from chalicelib.core import clock

    now = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    ends = (now - timedelta(minutes=1), now + timedelta(days=2))
    return dict(zip(("from", "to"), (f"{end:%Y-%m-%dT%H:%M}" for end in ends), strict=True))


def test_a_freeze_that_begins_meanwhile_keeps_the_share_and_the_judge(canary: Site) -> None:
    before = canary.pointer().deployment
    canary.deploy()
    canary.run(_after(6))
    shown = int(canary.pointer().weight)
    assert shown
    canary.delivers(strategy="canary", freezes=[_weekend(canary)])
    with pytest.raises(Conflict) as refused:
        people.advance(canary.actor, canary.project, canary.rollout().id)
    assert refused.value.code == "release_frozen"
    canary.run(_after(60))
    assert (canary.pointer().deployment, int(canary.pointer().weight)) == (before, shown)
    assert canary.rollout().state == states.RUNNING
    assert "freeze" in canary.rollout().verdict["why"][0]
    looks = canary.rollout().looks
    canary.run(_after(5))
    assert canary.rollout().looks > looks, "the judge looks on"
    canary.delivers(strategy="canary")
    canary.run()
    assert canary.rollout().state == "completed"
    assert canary.pointer().deployment != before


def test_a_freeze_that_begins_before_the_first_step_shows_nobody_anything(canary: Site) -> None:
    canary.deploy()
    canary.delivers(strategy="canary", freezes=[_weekend(canary)])
    visited = canary.run(_after(8))
    assert "Look" in visited
    assert canary.pointer().canary is None
    assert "freeze" in canary.rollout().reason
    canary.delivers(strategy="canary")
    canary.run()
    assert canary.rollout().state == "completed"
