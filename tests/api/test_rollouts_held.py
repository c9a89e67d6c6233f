"""People and freezes hold a rollout, pass its steps, or take it back."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core.errors import Conflict
from chalicelib.deployments.actions import pointer
from chalicelib.rollouts.actions import people, sweeping
from chalicelib.rollouts.rules import states
from tests.api.rolling import Site
from tests.api.rollouts import canary, site

__all__ = ["canary", "site"]


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
