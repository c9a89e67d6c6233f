"""The queue of builds: who waits for a slot, and who gets the next one.

Waiting builds stand in the table (gsi2 `QUEUE#<priority>`). An index is a hint, so nothing is
decided by it: a slot goes to a build by a condition on the row of either. A build that finds all
slots in use leaves word at them, and whoever frees one of these says so on the bus; the sweep asks
every minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chalicelib.builds import rows
from chalicelib.builds.actions import slots
from chalicelib.builds.actions.slots import Room, TeamRoom
from chalicelib.builds.rows import Build
from chalicelib.builds.rules import fair
from chalicelib.builds.rules.fair import Waiting
from chalicelib.core import clock

LOOKED_AT = 100
"""Waiting builds of each priority that are considered, the oldest."""

AT_ONCE = 20
"""Builds that one call starts: a function has a minute for it."""


@dataclass
class Sight:
    """What the queue looks like now: who waits, and the slots of their teams and of everybody."""

    waiting: dict[str, Waiting]
    orders: dict[str, str]
    everybody: Room | None
    teams: dict[str, TeamRoom] = field(default_factory=dict)

    def team(self, team: str) -> TeamRoom:
        """The slots of a team, read once."""
        if team not in self.teams:
            self.teams[team] = slots.of_team(team)
        return self.teams[team]

    @property
    def running(self) -> Counter[str]:
        """How many builds each team has that was looked at."""
        return Counter({name: len(room.held) for name, room in self.teams.items()})

    def before(self, row: Build) -> int | None:
        """How many builds start before this one; without a number of slots for all, its team's."""
        rivals = list(self.waiting.values())
        if self.everybody is None:
            rivals = [one for one in rivals if one.team == row.team]
        for one in rivals:
            self.team(one.team)
        return fair.before(row.id, rivals, self.running, clock.now_ms())


def enter(row: Build) -> bool:
    """Let a build wait; False when it is over, or has a slot after all."""
    waits = (Build.state == "queued") & Build.slot.does_not_exist()
    return rows.change(row, waits, **_line(row))


def leave(row: Build) -> bool:
    """Let a build wait whose builder had no room for it; False when it is over or began."""
    same = (Build.state == "queued") & (Build.attempt == int(row.attempt))
    return rows.change(row, same, slot=None, place=None, fence=None, **_line(row))


def _line(row: Build) -> dict[str, Any]:
    """Where a build waits, and since when: a replacement keeps the place of what it replaces."""
    since = int(row.since_ms or clock.now_ms())
    place = {"gsi2pk": f"QUEUE#{int(row.priority)}", "gsi2sk": f"{since:015d}"}
    return {"since_ms": since, **place}


def may_begin(row: Build) -> bool:
    """Whether there is a slot for a build that waits, whoever else may have a better claim to it.

    Should the queue not know the build, it does afterwards.
    """
    if row.gsi2pk is None and not enter(row):
        return False
    rooms = (slots.of_team(row.team), slots.of_all())
    return all(room is None or room.open(row.order) is not None for room in rooms)


def look(own: Build | None = None) -> Sight:
    """The queue now; `own` is in it even if the index does not know yet."""
    found = {
        row.id: row
        for priority in fair.PRIORITIES
        for row in rows.waiting(priority, LOOKED_AT)
        if row.state == "queued"
    }
    if own is not None:
        found[own.id] = own
    return Sight(
        {name: _waiting(row) for name, row in found.items()},
        {name: row.order for name, row in found.items()},
        slots.of_all(),
    )


def admit(own: Build | None = None, *, thorough: bool = False) -> Iterator[Build]:
    """Give free slots to waiting builds, one after the other; each has its slot when it comes.

    `own` is a build that may not be in the index yet. `thorough` takes back slots whose holders
    died before, which costs a read of each.
    """
    sight = look(own)
    if thorough:
        _take_back(sight)
    for _ in range(AT_ONCE):
        choice = _choose(sight)
        if choice is None and _word_left(sight):
            return
        if choice is None:
            sight.teams, sight.everybody = {}, slots.of_all()
            continue
        del sight.waiting[choice.build]
        row = own if own is not None and own.id == choice.build else rows.get(choice.build)
        if row is None or row.state != "queued" or row.slot is not None:
            continue
        if slots.take(row, sight.team(row.team), sight.everybody):
            yield row
        elif row.state == "queued" and row.slot is None:
            sight.waiting[row.id] = choice  # somebody took the slot, not the build
        # a slot was taken, by this build or before it: look again
        sight.teams.pop(row.team)
        sight.everybody = slots.of_all()


def stay(own: Build) -> bool:
    """Leave word for a build that found no slot; False when one is free now, after all."""
    now = clock.now_ms()
    rooms = [slots.of_team(own.team), slots.of_all()]
    full = [r for r in rooms if r is not None and r.open(own.order) is None]
    return bool(full) and all(slots.leave_word(room, now) for room in full)


def sentence(row: Build) -> str:
    """What a build that waits says of it in its log."""
    sight = look(row)
    room, before = sight.team(row.team), sight.before(row) or 0
    ahead = f"{before} build{'' if before == 1 else 's'} before this one"
    return (
        f"Waiting for a build slot: {ahead}; your team runs {len(room.held)} of "
        f"{room.count} at a time (plan {room.allowance.plan})."
    )


def _choose(sight: Sight) -> Waiting | None:
    """The next build by fairness among those whose team, and the installation, has a slot."""
    free = []
    for one in sight.waiting.values():
        rooms = (sight.team(one.team), sight.everybody)
        order = sight.orders[one.build]
        if all(room is None or room.open(order) is not None for room in rooms):
            free.append(one)
    return fair.next_of(free, sight.running, clock.now_ms())


def _word_left(sight: Sight) -> bool:
    """Leave word for all that wait in vain; False when a slot was freed meanwhile."""
    now = clock.now_ms()
    rooms: list[Room | None] = [sight.team(t) for t in {w.team for w in sight.waiting.values()}]
    if rooms:
        rooms.append(sight.everybody)
    full = [room for room in rooms if room is not None and len(room.held) >= room.count]
    return all(slots.leave_word(room, now) for room in full)


def _take_back(sight: Sight) -> None:
    for team in {one.team for one in sight.waiting.values()}:
        slots.overlooked(sight.team(team))
    if sight.waiting and sight.everybody is not None:
        slots.overlooked(sight.everybody)


def _waiting(row: Build) -> Waiting:
    since = int(row.since_ms or clock.now_ms())
    return Waiting(row.id, row.team, int(row.priority), since)
