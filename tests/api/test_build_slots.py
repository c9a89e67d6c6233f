"""Slots: taken once, freed by whoever ends, and an old holder is out."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.builds import leases, rows
from chalicelib.builds.actions import order, queue, report
from chalicelib.core.errors import Conflict
from functions.schedules import sweep
from tests.api.slots import small
from tests.fakes.house import House

__all__ = ["small"]


def test_stopping_a_build_lets_the_next_one_start(small: House) -> None:
    team = small.team()
    first, second = small.run(team), small.run(team)
    report.claim(first, "r")
    order.stop(first, "superseded", {"code": "superseded", "message": "x"})
    small.deliver()
    assert small.started() == [first, second]
    order.stop(first, "superseded", {"code": "superseded", "message": "x"})
    assert small.held(team) == {0: second}


def test_a_holder_whose_number_is_old_is_out(small: House) -> None:
    team = small.team()
    build = small.run(team)
    slot = leases.slot_of(team, 0)
    assert slot is not None
    slot.update(actions=[leases.Slot.fence.set(9), leases.Slot.order.set("bld_other-1")])
    with pytest.raises(Conflict) as refused:
        report.claim(build, "late")
    assert refused.value.code == "build_closed"
    assert small.row(build).state == "queued"
    with pytest.raises(Conflict) as refused:
        order.finish(small.row(build), "ok", report={})
    assert refused.value.code == "build_closed"
    assert small.row(build).outcome is None
    order.stop(build, "cancelled", {"code": "cancelled", "message": "x"})
    assert small.held(team) == {0: "bld_other"}  # it frees what is its own, nothing else


def test_what_an_older_attempt_says_does_not_end_the_newer_one(small: House) -> None:
    build = small.run(small.team())
    report.claim(build, "first")
    old = small.row(build)
    order.lose(small.row(build), "it fell silent")
    for outcome in ("ok", "failed"):
        with pytest.raises(Conflict) as refused:
            order.finish(_copy(old), outcome)
        assert refused.value.code == "build_closed"
    assert small.row(build).state == "queued"
    assert int(small.row(build).attempt) == 2
    small.complete(build)
    small.at_rest()


def _copy(row: rows.Build) -> rows.Build:
    again = rows.Build.from_raw_data(row.serialize())
    assert int(again.attempt) == 1
    return again


def test_a_silent_build_loses_its_slot_and_keeps_its_place(small: House) -> None:
    team = small.team()
    build, after = small.run(team), small.run(team)
    report.claim(build, "r")
    since = small.row(after).since_ms
    row = small.row(build)
    order.reap(build, int(row.heartbeat_ms) + order.SILENT_MS + 1)
    small.deliver()
    small.sound()
    assert list(small.services.builder.orders) == [f"{build}-1", f"{after}-1"]
    assert small.row(after).since_ms == since
    small.complete(after)
    small.deliver()
    assert list(small.services.builder.orders)[-1] == f"{build}-2"
    small.complete(build)
    small.at_rest()


def test_a_builder_without_room_makes_no_noise(small: House) -> None:
    team = small.team("pro")
    small.services.builder.full = True
    builds = [small.run(team) for _ in range(4)]
    assert small.held(team) == {}
    assert small.deliver() == 0
    assert sweep.handler({}, None)["started"] == 0
    small.services.builder.full = False
    assert sweep.handler({}, None)["started"] == 3
    assert small.started() == builds[:3]


def test_a_fault_of_the_builder_keeps_a_slot_and_is_mended(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = small.team()
    first, second = small.run(team), small.run(team)
    with monkeypatch.context() as moment:

        def away(_: Any) -> None:
            raise OSError("the slots process does not answer")

        moment.setattr(small.services.builder, "start", away)
        small.complete(first)
        small.deliver()
        assert small.held(team) == {0: second}
        with pytest.raises(OSError, match="does not answer"):
            small.run(small.team())
    order.reap(second, 0)
    assert small.started() == [first, second]


def test_slots_that_a_death_left_behind_are_taken_back(small: House) -> None:
    team = small.team()
    first, second = small.run(team), small.run(team)
    row = small.row(first)
    rows.change(row, rows.Build.pk.exists(), state="finished", outcome="ok", answered=True)
    assert order.dispatch() == 0
    assert order.dispatch(thorough=True) == 1
    assert small.started() == [first, second]


def test_a_slot_that_is_freed_while_somebody_takes_a_number(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Freed between the look and the entry: whoever waits looks again, and nobody has to call."""
    team = small.team()
    first = small.run(team)
    real = queue.enter

    def slowly(row: rows.Build) -> bool:
        entered = real(row)
        if small.row(first).state != "finished":
            small.complete(first)
        return entered

    monkeypatch.setattr(queue, "enter", slowly)
    second = small.run(team)
    assert small.started() == [first, second]
