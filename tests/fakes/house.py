"""Teams and their builds, a number of slots, and somebody who looks into all the rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.builds import leases, rows
from chalicelib.builds.actions import making, order, queue, report, slots
from chalicelib.builds.rows import Build
from chalicelib.core import config, ids
from chalicelib.teams import actions as teams
from chalicelib.teams.actions import limits


@dataclass
class House:
    """An installation with `places` slots for all, whose teams have the plan `free` or a granted
    one."""

    services: Any
    user: str
    places: int = 0
    builds: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)

    def team(self, plan: str | None = None) -> str:
        """A new team, with a plan that was granted."""
        made = teams.create_team(self.user, None, f"Team {len(self.owners)}")
        if plan is not None:
            row = teams.get_team(made.id)
            row.update(actions=[type(row).granted_plan.set(plan)])
        self.owners.append(made.id)
        return made.id

    def make(self, team: str, **spec: Any) -> Build:
        """A build that is not asked to run yet."""
        told = {
            "source": {"kind": "files", "upload": "upl"},
            "slug": "site",
            "environment": "production",
            "url": "http://site.localhost",
            **spec,
        }
        row = making.make(ids.new("dpl"), f"prj_{team}", team, told)
        self.builds.append(row.id)
        return row

    def run(self, team: str, **spec: Any) -> str:
        """A build that was asked to run; the task token that waits for it is its id."""
        row = self.make(team, **spec)
        self.services.workflow.waiting.add(row.id)
        order.run(row.id, row.id)
        return row.id

    def complete(self, build: str) -> None:
        """What its runner says when all is done."""
        report.claim(build, f"instance of {self.row(build).order}")
        order.finish(self.row(build), "ok", report={})

    def row(self, build: str) -> Build:
        """The build as the table has it."""
        found = rows.get(build)
        assert found is not None
        return found

    def deliver(self) -> int:
        """Carry the events to where they go; returns how many there were."""
        from functions.events import slot_free

        told = self.services.bus.of(slots.FREED)
        self.services.bus.events[:] = [e for e in self.services.bus.events if e[0] != slots.FREED]
        for event in told:
            slot_free.handler({"detail": event}, None)
        return len(told)

    def started(self) -> list[str]:
        """Builds whose orders the builder has, in the order in which it got them."""
        return [name.partition("-")[0] for name in self.services.builder.orders]

    def held(self, owner: str) -> dict[int, str]:
        """Slot -> build."""
        return {s.number: s.build for s in leases.slots_of(owner, 0)}

    def sound(self) -> None:
        """What is true at every moment between two writes."""
        everybody: dict[int, str] = {}
        for build in self.builds:
            row = self.row(build)
            if row.state == "finished" or row.slot is None:
                continue
            assert slots.holds(row), row.id
            assert self.held(row.team)[int(row.slot)] == row.id
            if row.place is not None:
                assert int(row.place) not in everybody
                everybody[int(row.place)] = row.id
        if self.places:
            assert len(everybody) <= self.places
            assert len(self.held(leases.EVERYBODY)) <= self.places
        for team in self.owners:
            assert len(self.held(team)) <= slots.of_team(team).count

    def at_rest(self) -> None:
        """What is true when nothing is left to do: all is over, no slot is held, nobody waits."""
        assert [b for b in self.builds if self.row(b).state != "finished"] == []
        for owner in (*self.owners, leases.EVERYBODY):
            assert self.held(owner) == {}
        assert queue.look().waiting == {}


def house(services: Any, monkeypatch: Any, places: int = 0, least: str = "free") -> House:
    """An installation with so many slots, in which a team has at least the plan `least`."""
    told = replace(config.settings(), slots=places, least_plan=least)
    monkeypatch.setattr(slots, "settings", lambda: told)
    monkeypatch.setattr(limits, "settings", lambda: told)
    user = teams.create_owner_account("ada@example.com", "Ada", "correct horse battery")
    return House(services, user.id, places)
