"""Minutes and the sums of their hours are written together: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from pynamodb.exceptions import TransactWriteError

from chalicelib.core import table
from chalicelib.traffic.rows import minutes
from chalicelib.traffic.rows.hours import HourRow, added, of_project, of_team
from chalicelib.traffic.rules.batches import Told
from chalicelib.traffic.rules.counts import Counts

AT_ONCE = 33
"""Each may be of another hour, project and team: three writes, of a hundred in a transaction."""

TRIES = 6


def write(source: str, told: Iterable[Told], teams: Mapping[str, str]) -> int:
    """Write rows of one source down; returns how many are new or larger than what was there.

    `teams` says whose a project is; what is of none of them counts for no team. Raises
    TransactWriteError when others write the same rows faster than they can be read.
    """
    largest: dict[tuple[str, str], Told] = {}
    for one in told:
        key = minutes.row_key(source, one)
        if key not in largest or largest[key].counts.requests < one.counts.requests:
            largest[key] = one
    rows = iter(sorted(largest.items()))
    written = 0
    while piece := dict(islice(rows, AT_ONCE)):
        written += _write(source, piece, teams)
    return written


def _write(source: str, piece: dict[tuple[str, str], Told], teams: Mapping[str, str]) -> int:
    for attempt in range(TRIES):
        known = minutes.known(list(piece))
        new = {
            key: told
            for key, told in piece.items()
            if key not in known or known[key].requests < told.counts.requests
        }
        if not new:
            return 0
        try:
            _commit(source, new, known, teams)
        except TransactWriteError as error:
            if attempt == TRIES - 1 or not table.lost_condition(error):
                raise
        else:
            return len(new)
    raise AssertionError("the last try returns or raises")


def _commit(
    source: str,
    new: Mapping[tuple[str, str], Told],
    known: Mapping[tuple[str, str], minutes.TrafficRow],
    teams: Mapping[str, str],
) -> None:
    sums: dict[tuple[str, str], Counts] = {}
    with table.write() as transaction:
        for key, told in new.items():
            before = known.get(key)
            actions, condition = minutes.replaced(told, before)
            transaction.update(minutes.TrafficRow(*key), actions=actions, condition=condition)
            more = told.counts - before.in_hour if before is not None else told.counts
            places = [of_project(source, told)]
            if told.kind == "live" and told.site in teams:
                places.append(of_team(source, teams[told.site], told))
            for place in places:
                sums[place] = sums.get(place, Counts()) + more
        for place, more in sums.items():
            transaction.update(HourRow(*place), actions=added(more))
