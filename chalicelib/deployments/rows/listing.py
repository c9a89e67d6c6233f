"""A team's deployments, newest first: `TEAM#t` / `DEP#d`, and what they came to day by day.

The row of a deployment is written with it. While it is on its way the first index counts it
(`MOVES#d`); when it is over, that and its day are written down in one transaction, once.
"""

from __future__ import annotations

from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.core import census, clock, counters, table
from chalicelib.deployments import rules
from chalicelib.deployments.rows.deployments import Deployment, closing, is_open, key, relist
from chalicelib.deployments.rules import days
from chalicelib.deployments.rules.days import Day

KEPT_DAYS = 400
LATELY_MS = 8 * 86_400_000
"""So long ago may have ended what is counted though it is of an older make."""

_MOVES, _DAY = "MOVES#", "DAY#"


class Listed(table.CoreRow):
    """A deployment in its team's list."""

    @property
    def deployment(self) -> str:
        """Its id."""
        return self.sk.partition("#")[2]


class DayRow(table.CoreRow):
    """How a team's deployments of a day ended: `TEAM#t` / `DAY#2026-11-22`.

    Counters by how they ended, and `b<n>`: how many builds are in that bucket of their times.
    """


def listed(row: Deployment) -> Listed:
    """A deployment in the list, not yet saved; counted as moving while it is not over."""
    found = Listed(pk=f"TEAM#{row.team}", sk=key(row.id))
    if row.state not in rules.TERMINAL:
        found.gsi1pk, found.gsi1sk = f"TEAM#{row.team}", f"{_MOVES}{row.id}"
    return found


def team_page(
    team: str, limit: int, at: dict[str, Any] | None
) -> tuple[list[str], dict[str, Any] | None]:
    """Ids of a team's deployments, newest first, and the place to go on from."""
    found = Listed.query(
        f"TEAM#{team}",
        Listed.sk.startswith("DEP#"),
        scan_index_forward=False,
        limit=limit,
        last_evaluated_key=at,
    )
    return [row.deployment for row in found], found.last_evaluated_key


def moving(team: str) -> int:
    """How many of a team's deployments are on their way."""
    return int(Listed.by1.count(f"TEAM#{team}", Listed.gsi1sk.startswith(_MOVES)))


def close(row: Deployment) -> None:
    """Take a deployment that is over off the list of open ones, and count how it ended, once.

    One that comes on that list again, because a person promoted it, is not counted again.
    """
    found = closing(row)
    if found is None:
        return
    if row.counted:
        relist(row, *found)
    else:
        count(row, *found)
        row.refresh(consistent_read=True)


def count(row: Deployment, actions: list[Action], condition: Condition) -> bool:
    """Change a deployment that is over, and write down how it ended.

    False when it is not as `condition` says, or was counted before.
    """
    try:
        with table.write() as transaction:
            _count(transaction, row, actions, condition)
            transaction.save(listed(row))
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


def _count(
    transaction: TransactWrite, row: Deployment, actions: list[Action], condition: Condition
) -> None:
    added = days.one(row.state, row.stages or {}, built=bool(row.build) and not row.restored)
    day = DayRow(f"TEAM#{row.team}", f"{_DAY}{(row.finished_at or clock.iso())[:10]}")
    transaction.update(
        row,
        actions=[*actions, Deployment.counted.set(True)],
        condition=condition & Deployment.counted.does_not_exist(),
    )
    transaction.update(day, actions=_add(added))


def unlisted(rows: list[Deployment]) -> list[Deployment]:
    """Those of at most a hundred deployments that are in no list: they are of an older make."""
    found = table.find_mixed([(Listed, f"TEAM#{row.team}", key(row.id)) for row in rows])
    return [row for row, known in zip(rows, found, strict=True) if known is None]


def complete(row: Deployment) -> bool:
    """List a deployment of an older make; False when it is listed, or was changed meanwhile.

    One that is over, and ended lately, is counted in its day as well.
    """
    over = row.state in rules.TERMINAL and not is_open(row)
    late = over and (row.finished_at or "") > clock.iso(clock.now_ms() - LATELY_MS)
    unchanged = Deployment.state == row.state
    try:
        with table.write() as transaction:
            transaction.save(listed(row), condition=Listed.pk.does_not_exist())
            census.count(transaction, row.id, {"deployments": 1})
            if late and not row.counted:
                _count(transaction, row, [], unchanged)
            else:
                transaction.condition_check(Deployment, row.pk, row.sk, condition=unchanged)
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        return False
    return True


def days_of(team: str, first: str, last: str) -> dict[str, Day]:
    """What days came to, both included, such as `2026-11-22`; those without any are left out."""
    rows = counters.between(DayRow, f"TEAM#{team}", f"{_DAY}{first}", f"{_DAY}{last}")
    return {sk.removeprefix(_DAY): _day(numbers) for sk, numbers in rows}


def _day(numbers: dict[str, int]) -> Day:
    builds = {int(name[1:]): n for name, n in numbers.items() if name[1:].isdecimal()}
    return Day(**{end: numbers.get(end, 0) for end in days.ENDS}, builds=builds)


def _add(added: Day) -> list[Action]:
    numbers = {end: getattr(added, end) for end in days.ENDS}
    numbers |= {f"b{bucket}": n for bucket, n in added.builds.items()}
    return [*counters.add(numbers), DayRow.ttl.set(clock.epoch(KEPT_DAYS * 86_400))]
