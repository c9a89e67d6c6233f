"""One move of the production pointer: a transaction, and what it leaves of the pointer before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.core import clock, table
from chalicelib.deployments import rows
from chalicelib.deployments.actions import show, sites
from chalicelib.deployments.rows import Deployment, PointerMove
from chalicelib.deployments.rules import past
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer, Project


@dataclass(frozen=True)
class Move:
    """What becomes production, by whom and why.

    `pinned` keeps pushes away until somebody promotes. `close` also ends the deployment's
    pipeline; `unlocked` fails when the project is locked; `by_hand` says that a person chose.
    """

    row: Deployment
    by: str
    reason: str
    pinned: bool = False
    close: bool = False
    unlocked: bool = True
    by_hand: bool = False


def write(move: Move, current: Pointer | None) -> Pointer | None:
    """Pointer, history and (from the pipeline) the deployment's `ready`, in one transaction.

    The pointer as this move left it: others may have moved it since. A canary is over with it,
    whatever it was. None when the pointer, the deployment, the lock or the project is not as it
    was read. It also puts the deployment on the list of open ones, so
    that the sweep tells the edge should this process end before it does.
    """
    row, now = move.row, clock.now_ms()
    generation = int(current.generation) + 1 if current else 1
    pointer = Pointer(
        pk=project_rows.key(row.project),
        sk="PTR#production",
        project=row.project,
        deployment=row.id,
        sequence=row.sequence,
        generation=generation,
        pinned=move.pinned,
        moved_at=clock.iso(now),
        moved_by=move.by,
        reason=move.reason[:500],
        last_rollout=current.last_rollout if current else "",
        chosen_at=clock.iso(now) if move.by_hand else current.chosen_at if current else "",
        past=past.after(current.past or (), shown(current), row.id, now) if current else [],
        looks=sites.looks_of((row.id,)),
    )
    entry = rows.move_row(
        row.project, generation, row.id, at=pointer.moved_at, by=move.by, why=pointer.reason
    )

    def fill(transaction: TransactWrite) -> None:
        state = "promoting" if move.close else "ready"
        transaction.update(
            row,
            actions=[*(_closing(row, pointer.moved_at) if move.close else []), *_listing(row)],
            condition=(Deployment.state == state) & (Deployment.published == True),  # noqa: E712  # a DynamoDB expression
        )
        living(transaction, row.project, unlocked=move.unlocked)
        transaction.save(pointer, condition=_unchanged(current))
        transaction.save(entry, condition=PointerMove.pk.does_not_exist())
        listed = project_rows.placed(row.project, row.team, pointer.moved_at)
        if current is None:
            listed += project_rows.go_live(transaction, row.project, row.team)
        transaction.update(project_rows.site(row.project), actions=listed)

    return pointer if _committed(fill) else None


def rewrite(current: Pointer, changes: dict[str, Any], *, unlocked: bool = False) -> bool:
    """Change what a pointer says beside its deployment: the canary, the pin. False as `write`.

    It counts as a move, so that the route that follows is newer, but is none of the history.
    """
    updates: list[Action] = [Pointer.generation.set(int(current.generation) + 1)]
    for name, value in changes.items():
        attribute = getattr(Pointer, name)
        updates.append(attribute.remove() if value is None else attribute.set(value))

    def fill(transaction: TransactWrite) -> None:
        living(transaction, current.project, unlocked=unlocked)
        transaction.update(current, actions=updates, condition=_unchanged(current))

    return _committed(fill)


def shown(current: Pointer) -> list[str]:
    """What visitors see now, what most of them see first."""
    return [current.deployment, *([current.canary] if current.canary else [])]


def living(transaction: TransactWrite, project: str, *, unlocked: bool) -> None:
    """Have a transaction fail once its project is deleted, or locked when that counts."""
    condition: Condition = Project.pk.exists() & Project.deleted_at.does_not_exist()
    if unlocked:
        condition &= Project.lock.does_not_exist()
    transaction.condition_check(Project, project_rows.key(project), "META", condition=condition)


def _unchanged(current: Pointer | None) -> Condition:
    return Pointer.generation == current.generation if current else Pointer.pk.does_not_exist()


def _closing(row: Deployment, now: str) -> list[Action]:
    return [
        Deployment.state.set("ready"),
        Deployment.stages.set(show.closed(row)),
        Deployment.ready_at.set(now),
        Deployment.finished_at.set(now),
    ]


def _listing(row: Deployment) -> list[Action]:
    return [
        Deployment.touched_ms.set(clock.now_ms()),
        Deployment.gsi2pk.set(rows.open_shard(row.id)),
        Deployment.gsi2sk.set(row.id),
        Deployment.held.remove(),
    ]


def _committed(fill: Any) -> bool:
    try:
        with table.write() as transaction:
            fill(transaction)
    except TransactWriteError as error:
        if not table.lost_condition(error) and "TransactionConflict" not in str(error):
            raise
        return False
    return True
