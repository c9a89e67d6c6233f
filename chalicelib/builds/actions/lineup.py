"""The queue as a person sees it: what of a project has a slot, and what waits behind how many."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.builds import rows
from chalicelib.builds.actions import queue
from chalicelib.builds.actions.slots import TeamRoom
from chalicelib.builds.rows import Build
from chalicelib.core import table


@dataclass(frozen=True)
class Entry:
    """A build that is not over; `before` is how many start before it, None when it has a slot."""

    row: Build
    before: int | None


@dataclass(frozen=True)
class Lineup:
    """A team's slots, and a project's builds: those with a slot first, then in their order."""

    room: TeamRoom
    entries: list[Entry]


def of_project(project: str, team: str) -> Lineup:
    """The project's part of the queue. Waiting builds come from an index, so one may be late."""
    sight = queue.look()
    room = sight.team(team)
    held = [slot.build for slot in room.held]
    waiting = [one.build for one in sight.waiting.values() if one.team == team]
    found = _rows([*held, *waiting])
    entries = [
        Entry(row, sight.before(row) if row.slot is None else None)
        for row in found
        if row.project == project and row.state != "finished"
    ]
    return Lineup(room, sorted(entries, key=lambda e: -1 if e.before is None else e.before))


def _rows(builds: list[str]) -> list[Build]:
    names = list(dict.fromkeys(builds))
    found: list[Build] = []
    for start in range(0, len(names), 100):
        part = [(Build, rows.key(name), "META") for name in names[start : start + 100]]
        found += [row for row in table.find_mixed(part) if isinstance(row, Build)]
    return found
