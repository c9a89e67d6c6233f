"""Death at every single write of everything that slots and the queue do: all builds end, none is
started twice at a time, and no slot stays held."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.builds.actions import order, report
from chalicelib.core.errors import Conflict
from tests.fakes.crash import Crash, Death, FaultError
from tests.fakes.house import House, house


def error(code: str) -> dict[str, Any]:
    return {"code": code, "message": code}


def finishes(h: House, first: str, _second: str) -> None:
    report.claim(first, f"instance of {h.row(first).order}")
    order.finish(h.row(first), "ok", report={})


def is_stopped(_h: House, first: str, second: str) -> None:
    order.stop(second, "cancelled", error("cancelled"))
    order.stop(first, "superseded", error("superseded"))


def is_lost(h: House, first: str, _second: str) -> None:
    report.claim(first, "r")
    order.reap(first, int(h.row(first).heartbeat_ms) + order.SILENT_MS + 1)


def ends_before_it_begins(h: House, first: str, _second: str) -> None:
    h.services.builder.dead.add(f"{first}-1")
    order.reap(first, 0)


def finds_no_room(h: House, first: str, second: str) -> None:
    h.services.builder.full = True
    order.stop(first, "failed", error("build_failed"))
    order.dispatch()
    h.services.builder.full = False
    order.reap(second, 0)


STORIES = (finishes, is_stopped, is_lost, ends_before_it_begins, finds_no_room)


def settle(h: House) -> None:
    """The bus, the sweep, runners and the machine that waits, until nothing is left to do."""
    for _ in range(12):
        h.deliver()
        order.dispatch(thorough=True)
        for build in list(h.builds):
            row = h.row(build)
            if row.state != "finished" and not row.task_token:  # the machine asks again
                h.services.workflow.waiting.add(build)
                order.run(build, build)
            order.reap(build, 0)
        h.sound()
        for name in list(h.services.builder.orders):
            build = name.partition("-")[0]
            row = h.row(build)
            if row.order != name or row.state == "finished" or name in h.services.builder.stopped:
                continue
            try:
                report.claim(build, f"instance of {name}")
                order.finish(h.row(build), "ok", report={})
            except Conflict:  # another instance had it, and died: silence will tell
                order.lose(h.row(build), "it fell silent")
        if all(h.row(b).state == "finished" for b in h.builds):
            break
    for build in h.builds:
        order.stop(build, "failed", error("x"))  # as the sweep settles what is over
    h.deliver()


@pytest.mark.parametrize(
    ("kind", "applied"),
    [(Death, False), (Death, True), (FaultError, True)],
    ids=["died-before", "died-after", "failed-after"],
)
@pytest.mark.parametrize("story", STORIES)
def test_death_at_every_write(
    database: Any,
    services: Any,
    monkeypatch: pytest.MonkeyPatch,
    story: Callable[[House, str, str], None],
    applied: bool,
    kind: type[BaseException],
) -> None:
    h = house(services, monkeypatch, places=1)
    crash = Crash(0, applied, kind, armed=False)
    crash.install(monkeypatch, services)
    at = 0
    while True:
        at += 1
        team = h.team()
        h.builds.clear()
        h.owners.clear()  # every one was looked at when its round was over
        services.builder.orders.clear()
        services.builder.stopped.clear()
        crash.at, crash.count, crash.where, crash.armed = at, 0, "", True
        try:
            first, second = h.make(team).id, h.make(team).id
            for build in (first, second):
                services.workflow.waiting.add(build)
                order.run(build, build)
            story(h, first, second)
            h.deliver()
        except (Death, FaultError):
            pass
        finally:
            crash.armed = False
            services.builder.full = False  # room comes back, whoever died
        settle(h)
        h.at_rest()
        assert len(h.builds) == 2 or crash.where
        if not crash.where:
            break
    assert at > 15, "there were hardly any writes to die at"


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_in_whatever_order(
    database: Any, services: Any, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    h = house(services, monkeypatch, places=rng.choice([0, 2, 3]))
    owners = [h.team(rng.choice([None, "pro"])) for _ in range(3)]
    for _ in range(60):
        move = rng.randrange(7)
        some = rng.choice(h.builds) if h.builds else None
        if move < 2 or some is None:
            h.run(rng.choice(owners), environment=rng.choice(["production", "preview"]))
        elif move == 2:
            order.stop(some, "cancelled", error("cancelled"))
        elif move == 3:
            h.deliver()
        elif move == 4:
            order.reap(some, int(h.row(some).heartbeat_ms) + order.SILENT_MS + 1)
        elif move == 5:
            services.builder.full = not services.builder.full
        elif h.row(some).order in services.builder.orders and h.row(some).state != "finished":
            h.complete(some)
        h.sound()
    services.builder.full = False
    settle(h)
    h.at_rest()
