"""Slots of builds: taken before a builder is told, given back when the build is over.

A slot is a lease. It lasts as long as its holder is heard of: the sweep replaces a silent build
(`order.reap`), which takes the slot from it, and `overlooked` takes back what a death left behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.builds import leases, rows
from chalicelib.builds.leases import EVERYBODY, Slot
from chalicelib.builds.rows import Build
from chalicelib.core import clock, table
from chalicelib.core.config import settings
from chalicelib.ports import services
from chalicelib.teams.actions import Allowance, allowance

WANTED_MS = 10 * 60_000
"""So long word counts that was left at a slot; whoever still waits renews it after half of it."""

FREED = "build.slot_free"


@dataclass
class Room:
    """Slots of one owner, a team or the whole installation."""

    owner: str
    count: int
    slots: list[Slot]

    @property
    def held(self) -> list[Slot]:
        """Those that an order holds."""
        return [slot for slot in self.slots if slot.order]

    def open(self, order: str) -> Slot | None:
        """One that `order` may take: its own, else the first free one unless all are in use."""
        own = next((slot for slot in self.slots if slot.order == order), None)
        if own is not None or len(self.held) >= self.count:
            return own
        return next((slot for slot in self.slots if not slot.order), None)


@dataclass
class TeamRoom(Room):
    """Slots of a team, and the plan that they follow from."""

    allowance: Allowance


def of_team(team: str) -> TeamRoom:
    """A team's slots as they are now."""
    given = allowance(team)
    count = given.limits.parallel_builds
    return TeamRoom(team, count, leases.slots_of(team, count), given)


def of_all() -> Room | None:
    """The installation's slots as they are now; None where it has no number of them."""
    count = settings().slots
    return Room(EVERYBODY, count, leases.slots_of(EVERYBODY, count)) if count else None


def take(row: Build, team: Room, everybody: Room | None) -> bool:
    """Give a waiting build its slots; False when there are none or somebody was faster."""
    wanted = [("slot", team.open(row.order))]
    if everybody is not None:
        wanted.append(("place", everybody.open(row.order)))
    found = [(name, slot) for name, slot in wanted if slot is not None]
    if len(found) < len(wanted):
        return False
    waits = (
        (Build.state == "queued")
        & Build.slot.does_not_exist()
        & (Build.attempt == int(row.attempt))
    )
    return leases.take(row, row.order, found, clock.now_ms(), waits)


@dataclass(frozen=True)
class Lease:
    """The slots that an order holds, each with its owner."""

    order: str
    slots: tuple[tuple[str, int], ...]


def lease_of(row: Build) -> Lease:
    """What a build holds; it may be none."""
    held = ((row.team, row.slot), (EVERYBODY, row.place))
    return Lease(row.order, tuple((o, int(n)) for o, n in held if n is not None))


def give_back(lease: Lease, *, tell: bool = True) -> None:
    """Free slots; with `tell`, say so if somebody waits for one. Repeating it changes nothing."""
    wanted = [leases.free(owner, number, lease.order) for owner, number in lease.slots]
    if tell and wanted and clock.now_ms() - max(wanted) < WANTED_MS:
        services().bus.put(FREED, {"version": 1})


def holds(row: Build) -> bool:
    """Whether a build still holds the slot that it was started with, or needs none."""
    if row.slot is None:
        return True
    slot = leases.slot_of(row.team, int(row.slot))
    return slot is not None and slot.order == row.order and slot.fence == row.fence


def leave_word(room: Room, now_ms: int) -> bool:
    """Say at every slot in use that somebody waits; False when one was freed meanwhile."""
    return all(
        leases.want(slot, now_ms)
        for slot in room.held
        if now_ms - int(slot.wanted_ms) > WANTED_MS // 2
    )


def overlooked(room: Room) -> int:
    """Free slots whose holder is over or has another order now; returns how many there were.

    Who holds a slot knows it, as both are written in one transaction; who frees one may die.
    """
    held = room.held
    count = 0
    for start in range(0, len(held), 100):
        part = held[start : start + 100]
        found = table.find_mixed([(Build, rows.key(slot.build), "META") for slot in part])
        for slot, row in zip(part, found, strict=True):
            if isinstance(row, Build) and row.state != "finished" and slot.order == row.order:
                continue
            leases.free(room.owner, slot.number, str(slot.order))
            slot.order = None
            count += 1
    return count
