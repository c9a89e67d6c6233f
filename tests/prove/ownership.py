"""What was seen of own domains by several teams, and whether a host ever had two owners.

Everything here happened between two moments of one clock, so it is only said to be wrong when no
moment between them would explain it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, pairwise

GRACE = 2.5
"""Seconds after which an edge that was not told has looked by itself."""

WILDCARD = "*."
NOBODY = ""


@dataclass(frozen=True)
class Sight:
    """Whose site a visitor of a host was shown; NOBODY for a page that says there is none."""

    project: str
    host: str
    began: float
    ended: float


@dataclass(frozen=True)
class Reading:
    """How the API told that a domain stands; no state is one that the project does not have."""

    project: str
    name: str
    state: str
    since: str
    began: float
    ended: float


@dataclass(frozen=True)
class Span:
    """That a project was the owner of a name, or could prove it, at every moment in between."""

    project: str
    name: str
    began: float
    ended: float


@dataclass
class Journal:
    """What everybody did and saw. `deleted` is when projects were gone, `adds` are calls,
    `proofs` times in which a project's record stood, `held` names kept for a team from a moment.
    """

    teams: dict[str, str] = field(default_factory=dict)
    adds: list[Span] = field(default_factory=list)
    proofs: list[Span] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)
    deleted: dict[str, tuple[float, float]] = field(default_factory=dict)
    held: list[tuple[str, str, float]] = field(default_factory=list)

    def owners(self) -> list[Span]:
        """When a project certainly had a name: `active` in two readings, and not anything else
        between them, for then it would have come into its state later."""
        found = []
        for rows in self._by_domain():
            start: Reading | None = None
            last: Reading | None = None
            for row in rows:
                if row.state == "active" and start is not None and row.since == start.since:
                    last = row
                    continue
                if start is not None and last is not None and start.ended < last.began:
                    found.append(Span(start.project, start.name, start.ended, last.began))
                start = row if row.state == "active" else None
                last = start
            if start is not None and last is not None and start.ended < last.began:
                found.append(Span(start.project, start.name, start.ended, last.began))
        return found

    def faults(self) -> Iterator[str]:
        """Everything that cannot have been right."""
        owners = self.owners()
        yield from _two_owners(owners)
        yield from self._strangers()
        yield from self._others(owners)
        yield from self._taken_too_soon(owners)

    def _strangers(self) -> Iterator[str]:
        """Nobody is shown without having proved a name that stands for the host."""
        ends = self._ends()
        for seen in self.sights:
            if seen.project == NOBODY:
                continue
            names = names_for(seen.host)
            if not any(self._may(seen, name, ends) for name in names):
                wanted = " or ".join(names)
                yield f"{seen.host} showed {seen.project}, which had not proved {wanted}"
            gone = self.deleted.get(seen.project)
            if gone and seen.began > gone[1] + GRACE:
                yield f"{seen.host} showed {seen.project} after it was deleted"

    def _may(self, seen: Sight, name: str, ends: dict[tuple[str, str], list[float]]) -> bool:
        """Whether a project can have had a name when it was seen at it."""
        key = (seen.project, name)
        over = max((at for at in ends.get(key, ()) if at + GRACE < seen.began), default=0.0)
        added = any(
            (one.project, one.name) == key and one.began < seen.ended and one.ended > over
            for one in self.adds
        )
        return added and any(
            (one.project, one.name) == key and one.began < seen.ended and one.ended > over
            for one in self.proofs
        )

    def _others(self, owners: list[Span]) -> Iterator[str]:
        """An exact name that has an owner shows that one's site: before a wildcard, and always."""
        for seen in self.sights:
            for own in owners:
                within = own.began + GRACE < seen.began and seen.ended < own.ended
                gone = self.deleted.get(own.project, (seen.ended, 0.0))[0] < seen.ended
                if own.name == seen.host and within and not gone and seen.project != own.project:
                    yield f"{own.project} has {seen.host}, which showed {seen.project or 'nobody'}"

    def _taken_too_soon(self, owners: list[Span]) -> Iterator[str]:
        """What a team removed without releasing it is its own for a day."""
        for team, name, at in self.held:
            later = [own for own in owners if own.name == name and own.began > at]
            first = min(later, key=lambda own: own.began, default=None)
            if first is not None and self.teams[first.project] != team:
                yield f"{first.project} has {name}, which is held for {team}"

    def _ends(self) -> dict[tuple[str, str], list[float]]:
        """When a project was first told that it does not have a name any more."""
        found: dict[tuple[str, str], list[float]] = {}
        for rows in self._by_domain():
            for before, row in pairwise(rows):
                if before.state and not row.state:
                    found.setdefault((row.project, row.name), []).append(row.began)
        return found

    def _by_domain(self) -> list[list[Reading]]:
        """The readings of each domain, one after the other."""
        found: dict[tuple[str, str], list[Reading]] = {}
        for row in sorted(self.readings, key=lambda row: row.began):
            found.setdefault((row.project, row.name), []).append(row)
        return list(found.values())


def names_for(host: str) -> tuple[str, ...]:
    """The names that may stand for a host: itself, and the wildcard over its level."""
    return host, WILDCARD + host.partition(".")[2]


def _two_owners(owners: list[Span]) -> Iterator[str]:
    for one, other in combinations(owners, 2):
        together = min(one.ended, other.ended) > max(one.began, other.began)
        if one.name == other.name and one.project != other.project and together:
            yield f"{one.name} had two owners: {one.project} and {other.project}"
