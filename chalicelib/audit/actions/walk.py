"""Walking along a log, to see that it is whole."""

from __future__ import annotations

import time
from dataclasses import dataclass

from chalicelib.audit import rows
from chalicelib.audit.actions import signing
from chalicelib.audit.rules.chain import Fault, Walk
from chalicelib.audit.rules.entries import Place
from chalicelib.core import clock
from chalicelib.core.errors import not_found

SECONDS = 18.0
"""How long one call walks; an API Gateway waits 29."""


@dataclass(frozen=True)
class Verdict:
    """What was found. With `more` the walk goes on after entry `last`."""

    ok: bool
    entries: int
    first: int
    last: int
    head_hash: str
    signed_until: int
    broken_at: int | None = None
    why: str = ""
    more: bool = False


def verify(team: str, after: int = 0) -> Verdict:
    """Hold every entry behind `after` to the chain, the end of the log and its signatures."""
    until = time.monotonic() + SECONDS
    signatures = signing.checked(team)
    walk = Walk(team, clock.now_ms(), rows.head(team).seen(), signatures)
    if after:
        walk.last = _place(team, after)
    fault, more = None, False
    for row in rows.entries(team, after):
        fault = _step(walk, row)
        more = time.monotonic() > until
        if fault or more:
            break
    if not fault and not more:
        # entries may have come since the head was read; the last of them has to be the end now
        walk.head = rows.head(team).seen()
        fault = _rest(walk) or walk.end()
    last = walk.last or Place()
    return Verdict(
        ok=fault is None,
        entries=walk.entries,
        first=walk.first,
        last=last.sequence,
        head_hash=walk.head.place.hash,
        signed_until=max((s.place.sequence for s in signatures if s.good), default=0),
        broken_at=fault.at if fault else None,
        why=fault.why if fault else "",
        more=more,
    )


def _rest(walk: Walk) -> Fault | None:
    last = walk.last.sequence if walk.last else 0
    for row in rows.entries(walk.team, last):
        if int(row.sk) > walk.head.place.sequence:
            after = rows.head(walk.team).seen()  # younger than the head that was read
            walk.head = after
        fault = _step(walk, row)
        if fault:
            return fault
    return None


def _step(walk: Walk, row: rows.EntryRow) -> Fault | None:
    try:
        return walk.step(row.sk, row.entry())
    except (ValueError, TypeError, AttributeError):
        follows = (walk.last.sequence if walk.last else 0) + 1
        return Fault(int(row.sk) if row.sk.isdigit() else follows, "It cannot be read.")


def _place(team: str, sequence: int) -> Place:
    row = rows.entry_at(team, sequence)
    if row is None:
        raise not_found("entry", str(sequence))
    return Place(sequence, str(row.entry().get("hash", "")))
