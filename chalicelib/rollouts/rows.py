"""Rows of rollouts: `PROJ#<project>` / `ROLLOUT#<id>`, on a list of open ones while they are; and
of looks of the judge, `ROLLOUT#<id>` / `LOOK#<number>`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DeleteError, TransactWriteError, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.core import clock, table
from chalicelib.projects.rows import key
from chalicelib.rollouts.rules import looks

OPEN_SHARDS = 4
PREFIX = "ROLLOUT#"
LOOK = "LOOK#"


class Rollout(table.CoreRow):
    """A rollout of `deployment`, while `base` is what everybody else sees.

    `steps` are `[[weight of 10,000, seconds], ...]`; `step` is the one it is at and `shifted` how
    many of them the pointer was moved for. `began` is what the canary had answered when the step
    began, `judge` what the judge remembers. `decision` is an abort that is not carried out yet.
    Every change counts up `version`. `run` is the number of its execution and `looks` that of
    verdicts in it.
    """

    id = UnicodeAttribute()
    project = UnicodeAttribute()
    team = UnicodeAttribute()
    deployment = UnicodeAttribute()
    base = UnicodeAttribute()
    strategy = UnicodeAttribute()
    steps = JSONAttribute()
    match = JSONAttribute(null=True)
    limits = JSONAttribute()
    checks = JSONAttribute(default=list)
    keep_seconds = NumberAttribute()
    state = UnicodeAttribute()
    step = NumberAttribute(default=0)
    shifted = NumberAttribute(default=0)
    step_since_ms = NumberAttribute(default=0)
    paused_ms = NumberAttribute(null=True)
    began = JSONAttribute(default=dict)
    judge = JSONAttribute(default=dict)
    verdict = JSONAttribute(null=True)
    history = JSONAttribute(default=list)
    decision = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(default="")
    by = UnicodeAttribute(null=True)
    version = NumberAttribute(default=1)
    run = NumberAttribute(default=0)
    looks = NumberAttribute(default=0)
    touched_ms = NumberAttribute()
    created_at = UnicodeAttribute()
    ended_at = UnicodeAttribute(null=True)
    kept_until = UnicodeAttribute(null=True)


class LookRow(table.CoreRow):
    """One look of the judge, as `verdict` of the rollout had it until the next one.

    `number` counts those of the whole rollout, from 1.
    """

    number = NumberAttribute()
    outcome = UnicodeAttribute()
    told = JSONAttribute()


def new(project: str, rollout: str, **values: Any) -> Rollout:
    """A rollout's row, not yet saved."""
    return Rollout(
        pk=key(project),
        sk=f"{PREFIX}{rollout}",
        gsi1pk=f"TEAM#{values['team']}",
        gsi1sk=f"{PREFIX}{rollout}",
        gsi2pk=f"ROLLOUTS#{zlib.crc32(rollout.encode()) % OPEN_SHARDS}",
        gsi2sk=rollout,
        id=rollout,
        project=project,
        touched_ms=clock.now_ms(),
        created_at=clock.iso(),
        **values,
    )


def get(project: str, rollout: str) -> Rollout | None:
    """One rollout, read consistently."""
    return table.find(Rollout, key(project), f"{PREFIX}{rollout}")


def page(
    project: str, limit: int, at: dict[str, Any] | None
) -> tuple[list[Rollout], dict[str, Any] | None]:
    """A page of a project's rollouts, newest first, and the place to go on from."""
    found = Rollout.query(
        key(project),
        Rollout.sk.startswith(PREFIX),
        scan_index_forward=False,
        limit=limit,
        last_evaluated_key=at,
    )
    return list(found), found.last_evaluated_key


def still_open() -> Iterator[tuple[str, str]]:
    """(project, rollout) of all that are not over. A hint: readers read the row again."""
    for shard in range(OPEN_SHARDS):
        for row in Rollout.by2.query(f"ROLLOUTS#{shard}"):
            yield row.project, row.id


def count_open(team: str) -> int:
    """How many rollouts of a team are not over. Counted by the index: a hint."""
    return int(Rollout.by1.count(f"TEAM#{team}", Rollout.gsi1sk.startswith(PREFIX)))


def change(row: Rollout, look: LookRow | None = None, **values: Any) -> bool:
    """Change a rollout that nobody else has changed meanwhile; False when somebody has.

    `look` is written in the same transaction: both are there afterwards, or neither. Then `row` is
    what the table holds. None takes a value away.
    """
    if row.gsi2pk is not None and row.gsi1pk is None:  # made before its team counted it
        values = {"gsi1pk": f"TEAM#{row.team}", "gsi1sk": f"{PREFIX}{row.id}"} | values
    values |= {"version": int(row.version) + 1, "touched_ms": clock.now_ms()}
    updates = [_set(name, value) for name, value in values.items()]
    condition = Rollout.version == row.version
    try:
        if look is None:
            table.uncrossed(lambda: row.update(actions=updates, condition=condition))
        else:
            with table.write() as transaction:
                transaction.update(row, actions=updates, condition=condition)
                transaction.save(look)
    except (UpdateError, TransactWriteError) as error:
        if not table.lost_condition(error):
            raise
        row.refresh(consistent_read=True)
        return False
    for name, value in values.items():  # a transaction does not answer with the row
        setattr(row, name, value)
    return True


def _set(name: str, value: Any) -> Action:
    attribute = getattr(Rollout, name)
    action: Action = attribute.remove() if value is None else attribute.set(value)
    return action


def look(rollout: str, number: int, told: dict[str, Any]) -> LookRow:
    """The row of a look, not yet saved; what the judge said is `told`."""
    return LookRow(
        f"{PREFIX}{rollout}",
        f"{LOOK}{number:07d}",
        number=number,
        outcome=told["outcome"],
        told=told,
        ttl=clock.epoch(looks.KEPT_SECONDS),
    )


def forget_look(rollout: str, number: int) -> None:
    """Remove a look after which everything went on as before; one that decided something stays."""
    row = LookRow(f"{PREFIX}{rollout}", f"{LOOK}{number:07d}")
    try:
        row.delete(condition=LookRow.outcome == "wait")
    except DeleteError as error:
        if not table.lost_condition(error):
            raise


def looks_page(
    rollout: str, limit: int, at: dict[str, Any] | None
) -> tuple[list[LookRow], dict[str, Any] | None]:
    """A page of the looks at a rollout, newest first, and the place to go on from."""
    found = LookRow.query(
        f"{PREFIX}{rollout}",
        LookRow.sk.startswith(LOOK),
        consistent_read=True,
        scan_index_forward=False,
        limit=limit,
        last_evaluated_key=at,
    )
    return list(found), found.last_evaluated_key


def end(row: Rollout, state: str, reason: str, **values: Any) -> bool:
    """Close a rollout and take it off the list; False when somebody has changed it meanwhile."""
    return change(
        row,
        state=state,
        reason=reason[:500],
        ended_at=clock.iso(),
        paused_ms=None,
        decision=None,
        gsi1pk=None,
        gsi1sk=None,
        gsi2pk=None,
        gsi2sk=None,
        **values,
    )
