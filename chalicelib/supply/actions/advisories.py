"""The installation's own copy of the advisories: nobody outside learns what anybody uses."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import lru_cache
from typing import Any

from chalicelib.core import clock
from chalicelib.ports import services
from chalicelib.supply.rules import advisories, osv
from chalicelib.supply.rules.components import ECOSYSTEMS, Component
from chalicelib.supply.rules.gate import Copy, Judgement, judge

_DAY_MS = 86_400_000


def head(ecosystem: str) -> dict[str, Any] | None:
    """What is known of the copy of an ecosystem; None when there is none."""
    raw = services().store.get(advisories.head_key(ecosystem))
    return json.loads(raw) if raw else None


def age_days(as_of: str) -> float:
    """How old a copy is."""
    return (clock.now_ms() - datetime.fromisoformat(as_of).timestamp() * 1000) / _DAY_MS


def judgement(components: Iterable[Component]) -> Judgement:
    """Hold packages to the copies there are."""
    listed = list(components)
    present = {component.ecosystem for component in listed}
    copies = {
        ecosystem: copy
        for ecosystem in sorted(present)
        if (copy := _copy(ecosystem, [c.name for c in listed if c.ecosystem == ecosystem]))
    }
    return judge(listed, copies)


def _copy(ecosystem: str, packages: list[str]) -> Copy | None:
    found = head(ecosystem)
    if found is None:
        return None
    generation = str(found["generation"])
    known = _names(ecosystem, generation)
    names = {osv.package_name(ecosystem, package) for package in packages}
    told = [name for name in names if advisories.holds(known, name)]
    parts = sorted({advisories.part_of(name) for name in told})
    with ThreadPoolExecutor(16) as pool:
        read = pool.map(lambda part: _part(ecosystem, generation, part), parts)
        contents = dict(zip(parts, read, strict=True))

    def look_up(name: str) -> list[osv.Advisory]:
        return contents.get(advisories.part_of(name), {}).get(name, [])

    return Copy(age_days(found["as_of"]), look_up)


@lru_cache(maxsize=len(ECOSYSTEMS))
def _names(ecosystem: str, generation: str) -> bytes:
    """A generation never changes, so what was read of it is kept."""
    return _whole(advisories.names_key(ecosystem, generation))


@lru_cache(maxsize=512)
def _part(ecosystem: str, generation: str, part: str) -> dict[str, list[osv.Advisory]]:
    return advisories.read_part(_whole(advisories.part_key(ecosystem, generation, part)))


def _whole(key: str) -> bytes:
    """An object that the head promises; its absence is a fault, and never an empty answer."""
    raw = services().store.get(key)
    if raw is None:
        raise LookupError(f"the copy of the advisories has no {key}")
    return raw
