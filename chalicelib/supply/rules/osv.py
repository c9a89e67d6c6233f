"""Advisories in the format of OSV (https://ossf.github.io/osv-schema/) and whom they concern."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.supply.rules import cvss
from chalicelib.supply.rules.components import ECOSYSTEMS, normal
from chalicelib.supply.rules.versions import pep440, rubygems, semver

ORDER: dict[str, Callable[[str], Any]] = {
    "npm": semver.key,
    "crates.io": semver.key,
    "Go": semver.key,
    "PyPI": pep440.key,
    "RubyGems": rubygems.key,
}
"""Ecosystem -> what its versions are compared by."""

_SUMMARY = 200
_MAX_EVENTS = 2_000
_MAX_VERSIONS = 20_000
Event = tuple[str, str]  # (introduced | fixed | last_affected | limit, version)


@dataclass(frozen=True)
class Advisory:
    """What one advisory says of one package."""

    id: str
    aliases: tuple[str, ...]
    summary: str
    level: cvss.Level
    score: float | None
    ranges: tuple[tuple[Event, ...], ...]
    versions: frozenset[str]

    def to_json(self) -> list[Any]:
        """As it is kept."""
        ranges = [[list(event) for event in events] for events in self.ranges]
        versions = sorted(self.versions)
        return [self.id, self.aliases, self.summary, self.level, self.score, ranges, versions]

    @classmethod
    def from_json(cls, kept: list[Any]) -> Advisory:
        """From how it is kept."""
        identifier, aliases, summary, level, score, ranges, versions = kept
        return cls(
            identifier,
            tuple(aliases),
            summary,
            level,
            score,
            tuple(tuple((kind, version) for kind, version in events) for events in ranges),
            frozenset(versions),
        )


def package_name(ecosystem: str, name: str) -> str:
    """A package's name as advisories are filed under it."""
    return normal(name) if ecosystem == "PyPI" else name


def read(record: dict[str, Any]) -> list[tuple[str, str, Advisory]]:
    """(ecosystem, package, advisory) of a record; none for one that was withdrawn.

    Raises ValueError, KeyError, TypeError or AttributeError for what is no record.
    """
    identifier = record["id"]
    if not isinstance(identifier, str) or not 0 < len(identifier) <= 100:
        raise ValueError("an advisory has an id")
    if record.get("withdrawn"):
        return []
    found = []
    for affected in record.get("affected") or []:
        package = affected.get("package") or {}
        ecosystem, name = package.get("ecosystem"), package.get("name")
        if ecosystem not in ECOSYSTEMS or not isinstance(name, str) or not 0 < len(name) <= 300:
            continue
        score, level = _severity(record, affected)
        advisory = Advisory(
            identifier,
            tuple(str(alias)[:100] for alias in (record.get("aliases") or [])[:10]),
            " ".join(str(record.get("summary") or record.get("details") or "").split())[:_SUMMARY],
            level,
            score,
            tuple(_ranges(affected)),
            frozenset(str(v)[:200] for v in (affected.get("versions") or [])[:_MAX_VERSIONS]),
        )
        found.append((ecosystem, package_name(ecosystem, name), advisory))
    return found


def _ranges(affected: dict[str, Any]) -> list[tuple[Event, ...]]:
    found = []
    for limits in affected.get("ranges") or []:
        if limits.get("type") not in {"SEMVER", "ECOSYSTEM"}:
            continue  # of commits, which no lock file names
        events = [
            (kind, str(version)[:200])
            for event in (limits.get("events") or [])[:_MAX_EVENTS]
            for kind, version in event.items()
            if kind in {"introduced", "fixed", "last_affected", "limit"}
        ]
        if events:
            found.append(tuple(events))
    return found


def _severity(record: dict[str, Any], affected: dict[str, Any]) -> tuple[float | None, cvss.Level]:
    """The worst base score that is stated, else the word of the database."""
    if str(record["id"]).startswith("MAL-"):  # a package made to do harm
        return None, "critical"
    stated = [*(affected.get("severity") or []), *(record.get("severity") or [])]
    scores = [cvss.score(str(item.get("score") or "")) for item in stated]
    known = [score for score in scores if score is not None]
    if known:
        return max(known), cvss.level(max(known))
    for holder in (affected.get("database_specific"), record.get("database_specific")):
        level = cvss.named((holder or {}).get("severity"))
        if level != "unstated":
            return None, level
    return None, "unstated"


def concerns(advisory: Advisory, ecosystem: str, version: str) -> bool | None:
    """Whether a version is affected; None when that cannot be said of this version."""
    if version in advisory.versions or version.removeprefix("v") in advisory.versions:
        return True
    key = ORDER[ecosystem]
    here = key(version) if version else None
    if here is None or not (advisory.ranges or advisory.versions):
        return None  # nothing to compare with: such as ranges of commits alone
    said = {_inside(events, here, key) for events in advisory.ranges}
    return True if True in said else None if None in said else False


_RANK = {"fixed": 0, "introduced": 1, "last_affected": 2}
"""Which of two events of one version comes first: the last one affected was affected."""


def _inside(events: tuple[Event, ...], here: Any, key: Callable[[str], Any]) -> bool | None:
    """The events of a range, in the order of their versions, switch `affected` on and off.

    A range that names no beginning begins with the first version. None when it would be unaffected
    but for an event whose version cannot be compared.
    """
    begins = [version for kind, version in events if kind == "introduced"]
    placed = [
        (kind, key(version)) for kind, version in events if (kind, version) != ("introduced", "0")
    ]
    limits = [place for kind, place in placed if kind == "limit" and place is not None]
    if limits and not any(here < place for place in limits):
        return False
    affected = not begins or "0" in begins
    dated = sorted(
        ((place, kind) for kind, place in placed if place is not None and kind != "limit"),
        key=lambda item: (item[0], _RANK[item[1]]),
    )
    for place, kind in dated:
        if kind == "introduced" and here >= place:
            affected = True
        elif (kind == "fixed" and here >= place) or (kind == "last_affected" and here > place):
            affected = False
    odd = any(place is None and kind == "introduced" for kind, place in placed)
    return None if odd and not affected else affected


def fixed_in(advisory: Advisory, ecosystem: str, version: str) -> str:
    """The lowest version above this one in which it is repaired; empty when none is stated."""
    key = ORDER[ecosystem]
    here = key(version)
    repairs = [
        (place, v)
        for events in advisory.ranges
        for kind, v in events
        if kind == "fixed" and (place := key(v)) is not None and (here is None or place > here)
    ]
    return min(repairs, key=lambda item: item[0])[1] if repairs else ""
