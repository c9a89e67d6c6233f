"""The queue in front of the slots: whose turn it is, and that nobody is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from chalicelib.builds import rows
from chalicelib.builds.actions import loglines, making, order, queue, report, slots
from chalicelib.core import config, ids
from chalicelib.teams import actions as teams
from chalicelib.teams.actions import limits
from chalicelib.teams.rules.plans import LIMITS
from tests.api.slots import small
from tests.fakes.house import House, house

__all__ = ["small"]


def said(h: House, build: str) -> list[str]:
    return [line["text"] for line in loglines.after(h.row(build).deployment, 0, 100)]


def test_a_plan_says_how_many_and_the_rest_waits_in_order(small: House) -> None:
    team = small.team("pro")
    builds = [small.run(team) for _ in range(6)]
    assert small.started() == builds[:3]
    [line] = said(small, builds[3])
    assert line.startswith("Waiting for a build slot: 0 builds before this one; your team runs 3 ")
    assert line.endswith("of 3 at a time (plan pro).")
    assert "1 build before this one" in said(small, builds[4])[0]
    assert "2 builds before this one" in said(small, builds[5])[0]
    small.complete(builds[1])
    assert small.started() == builds[:3]
    assert small.deliver() == 1
    assert small.started() == builds[:4]
    for n in (0, 2, 3, 4, 5):
        small.sound()
        small.complete(builds[n])
        small.deliver()
    small.at_rest()
    assert small.services.workflow.answers.keys() == set(builds)


def test_nobody_waits_and_nobody_is_told(small: House) -> None:
    team = small.team()
    small.complete(small.run(team))
    assert small.services.bus.events == []
    small.at_rest()


def test_every_taking_of_a_slot_has_a_higher_number(small: House) -> None:
    team = small.team()
    builds = [small.run(team) for _ in range(4)]
    numbers = []
    for build in builds:
        numbers.append(int(small.row(build).fence))
        small.complete(build)
        small.deliver()
    assert numbers == [1, 2, 3, 4]


def test_teams_take_turns_when_the_house_is_full(
    database: Any, services: Any, monkeypatch: Any
) -> None:
    h = house(services, monkeypatch, places=2, least="business")
    busy, other = h.team(), h.team()
    mine = [h.run(busy) for _ in range(5)]
    theirs = [h.run(other), h.run(other)]
    assert h.started() == mine[:2]
    assert "your team runs 0 of 10" in said(h, theirs[0])[0]
    for build in (mine[0], mine[1], theirs[0], mine[2], theirs[1], mine[3], mine[4]):
        h.sound()
        h.complete(build)
        h.deliver()
    assert h.started() == [*mine[:2], theirs[0], mine[2], theirs[1], mine[3], mine[4]]
    h.at_rest()


def test_urgent_builds_go_first(small: House) -> None:
    team = small.team()
    first = small.run(team)
    fork = small.run(team, trusted=False, environment="preview")
    preview = small.run(team, environment="preview")
    named = small.run(team, environment="preview", priority=2)
    live = small.run(team)
    assert [int(small.row(b).priority) for b in (fork, preview, named, live)] == [2, 1, 2, 0]
    for build in (first, live, preview, fork, named):
        small.complete(build)
        small.deliver()
    assert small.started() == [first, live, preview, fork, named]


def test_cancelled_while_it_waits(small: House) -> None:
    team = small.team()
    first, second, third = (small.run(team) for _ in range(3))
    order.stop(second, "cancelled", {"code": "cancelled", "message": "x"})
    small.complete(first)
    small.deliver()
    assert small.started() == [first, third]
    assert small.services.workflow.answers[second]["outcome"] == "cancelled"
    small.complete(third)
    small.at_rest()


def test_a_team_that_was_suspended_meanwhile_builds_nothing(small: House) -> None:
    team = small.team()
    first, second = small.run(team), small.run(team)
    row = teams.get_team(team)
    row.update(actions=[type(row).status.set("suspended")])
    small.complete(first)
    small.deliver()
    assert small.started() == [first]
    assert small.services.workflow.answers[second]["outcome"] == "cancelled"
    assert small.row(second).error["code"] == "team_suspended"
    small.at_rest()


def test_a_smaller_plan_stops_nobody_and_starts_fewer(small: House) -> None:
    team = small.team("pro")
    builds = [small.run(team) for _ in range(5)]
    row = teams.get_team(team)
    row.update(actions=[type(row).granted_plan.set("free")])
    assert len(small.held(team)) == 3
    small.complete(builds[0])
    small.complete(builds[1])
    small.deliver()
    assert small.started() == builds[:3]
    small.complete(builds[2])
    small.deliver()
    assert small.started() == builds[:4]


def test_size_time_and_order_follow_from_the_plan(small: House) -> None:
    free, pro = small.team(), small.team("pro")
    build = small.run(free, settings={"size": "large"})
    told = small.services.builder.orders[f"{build}-1"]
    assert (told.memory_mb, told.cpus, told.disk_mb) == (4096, 2, 4096)
    assert told.deadline_seconds == LIMITS["free"].build_minutes * 60 + order.GRACE_SECONDS
    assert said(small, build) == [
        "The plan free has build machines up to medium: this build gets medium, not large."
    ]
    build = small.run(pro, settings={"size": "large"})
    told = small.services.builder.orders[f"{build}-1"]
    assert (told.memory_mb, told.cpus, told.disk_mb) == (8192, 4, 8192)
    assert said(small, build) == []
    claim = report.claim(build, "r")
    left = (int(claim.row.deadline_ms or 0) - int(claim.row.heartbeat_ms)) // 1000
    assert left == 1800  # the installation's limit is below the plan's


def test_what_a_machine_has_less_is_said_in_the_log(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small.services.builder, "start", lambda _: "This machine has less.")
    assert said(small, small.run(small.team())) == ["This machine has less."]


def test_whoever_waits_is_called_again_however_long_it_takes(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Word that was left at a slot wears off; the sweep renews it for those who still wait."""
    team = small.team()
    first, second, third = (small.run(team) for _ in range(3))
    real = slots.clock.now_ms
    for minute in range(0, 40, 4):
        monkeypatch.setattr(slots.clock, "now_ms", lambda m=minute: real() + m * 60_000)
        order.dispatch(thorough=True)
    small.complete(first)
    assert small.deliver() == 1
    small.complete(second)
    assert small.deliver() == 1
    assert small.started() == [first, second, third]


def test_a_build_that_the_index_does_not_know_yet_is_called_too(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Indexes lag behind: neither is it overlooked when a slot is freed, nor started twice."""
    team = small.team()
    first = small.run(team)
    monkeypatch.setattr(rows, "waiting", lambda *_: [])
    second = small.run(team)
    small.complete(first)
    assert [kind for kind, _ in small.services.bus.events] == [slots.FREED]
    monkeypatch.undo()
    assert order.dispatch() == 0 or small.started() == [first, second]


def test_two_that_dispatch_at_one_moment(database: Any, services: Any, monkeypatch: Any) -> None:
    h = house(services, monkeypatch, places=5, least="free")
    teams_ = [h.team("pro") for _ in range(4)]
    services.builder.full = True
    builds = [h.run(team) for team in teams_ for _ in range(4)]
    services.builder.full = False
    starts: list[str] = []
    real = services.builder.start
    services.builder.start = lambda o: (starts.append(o.build), real(o))[1]
    gate = Barrier(6)

    def dispatcher() -> int:
        gate.wait()
        return order.dispatch()

    with ThreadPoolExecutor(6) as pool:
        begun = [f.result() for f in [pool.submit(dispatcher) for _ in range(6)]]
    assert sum(begun) == 5 == len(starts) == len(set(starts))
    h.sound()
    for _ in range(len(builds)):
        done = [b for b in builds if h.row(b).state == "finished"]
        for build in [b for b in h.started() if b not in done]:
            h.complete(build)
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda _: h.deliver(), range(3)))
        h.sound()
    assert len(starts) == len(set(starts)) == len(builds)
    h.at_rest()


def test_the_queue_of_a_project_over_http(
    api: Any, services: Any, owner: Any, monkeypatch: Any
) -> None:
    from tests.fakes.people import member

    told = replace(config.settings(), least_plan="free")
    monkeypatch.setattr(limits, "settings", lambda: told)
    made = owner.client.post("/v1/projects", {"name": "Site"}).json()
    path = f"/v1/projects/{made['id']}/queue"
    empty = {"plan": "free", "parallel_builds": 1, "running": 0, "items": []}
    assert owner.client.get(path).json() == empty
    spec = {"source": {"kind": "files", "upload": "u"}, "slug": "site", "url": "http://x"}
    builds = []
    for environment in ("preview", "preview", "production"):
        full = {**spec, "environment": environment}
        row = making.make(ids.new("dpl"), made["id"], made["team"], full)
        order.run(row.id, row.id)
        builds.append(row)
    other = making.make(ids.new("dpl"), "prj_other", made["team"], {**spec, "environment": "x"})
    order.run(other.id, other.id)
    report.claim(builds[0].id, "runner-1")
    answer = owner.client.get(path).json()
    assert (answer["running"], answer["parallel_builds"]) == (1, 1)
    seen = [(b["deployment"], b["state"], b["before"], b["priority"]) for b in answer["items"]]
    assert seen == [
        (builds[0].deployment, "running", None, 1),
        (builds[2].deployment, "waiting", 0, 0),
        (builds[1].deployment, "waiting", 1, 1),
    ]
    owner.client.put(
        f"/v1/teams/{made['team']}/policies/p",
        {"effect": "deny", "roles": ["viewer"], "actions": ["deployment.read"],
         "conditions": {"environment": ["production"]}},
    )  # fmt: skip
    viewer = member(api, owner, "viewer").client
    kept = [b["environment"] for b in viewer.get(path).json()["items"]]
    assert kept == ["preview", "preview"]


def test_a_build_that_cannot_begin_costs_the_sweep_little(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands may wait: the sweep, which asks for each, does not look at the queue for each."""
    team = small.team()
    builds = [small.run(team) for _ in range(6)]
    looks = []
    look = queue.look
    monkeypatch.setattr(queue, "look", lambda own=None: looks.append(own) or look(own))
    for build in builds:
        order.reap(build, 0)
    assert looks == []
    assert small.started() == builds[:1] * len(small.started())
    row = small.row(builds[-1])  # one that the queue has forgotten stands in it again
    rows.change(row, None, gsi2pk=None, gsi2sk=None)
    order.reap(row.id, 0)
    assert small.row(row.id).gsi2pk == "QUEUE#0"


def test_who_waits_behind_more_than_are_looked_at_is_found_by_the_sweep(
    small: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "LOOKED_AT", 3)
    crowd, team = small.team(), small.team()
    for _ in range(8):
        small.run(crowd)
    first, second = small.run(team), small.run(team)
    small.complete(first)
    small.deliver()
    assert second not in small.started()
    order.reap(second, 0)
    assert second in small.started()
