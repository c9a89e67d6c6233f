"""Previews are removed: when their pull request is closed, and when their time is over.

A removed deployment stays in the list of deployments, with its log. Its manifest goes, and with it
every address; its blobs stay, for others may have the same files. What is live, what production may
be rolled back to and what an environment shows is never removed.
"""

from __future__ import annotations

from pynamodb.exceptions import TransactWriteError

from chalicelib.artifacts import rules as artifact_rules
from chalicelib.core import clock, table
from chalicelib.core.observe import logger
from chalicelib.deployments import rows, rules
from chalicelib.deployments.actions import aliases, ending
from chalicelib.deployments.actions.begin import DAY_MS
from chalicelib.deployments.rows import Deployment
from chalicelib.ports import services
from chalicelib.projects import rows as project_rows
from chalicelib.projects.rows import Pointer
from chalicelib.projects.rules import flow

ROLLBACKS = 100
"""Moves of the pointer that may be gone back to."""

AT_ONCE = 25
"""Previews of each part of the list that one sweep removes: it has more to do than this."""

CLOSED = "The pull request was closed."


def end_pull(project: str, number: int) -> None:
    """End what is on its way for a closed pull request and remove what it showed."""
    going = []
    for shown in rows.shown(project, number):
        row = rows.get(shown.deployment)
        if row is not None and not _elsewhere(row, number):
            if row.state not in rules.TERMINAL:
                ending.end(row, "cancelled", CLOSED)
                row = rows.get(row.id)
            if row is not None and _begin(row):
                going.append(row)
    _finish(going)
    for shown in rows.shown(project, number):
        row = rows.get(shown.deployment)
        if row is None or row.state in rules.TERMINAL:
            shown.delete()


def _elsewhere(row: Deployment, number: int) -> bool:
    """Whether another pull request that is open shows a deployment."""
    for other in row.pulls or ():
        if int(other) != number:
            pull = rows.pull(row.project, int(other))
            if pull is not None and pull.state == "open" and pull.deployment == row.id:
                return True
    return False


def settle(row: Deployment) -> None:
    """Remove a preview that became ready while its pull request was closed."""
    open_ones = [rows.pull(row.project, int(number)) for number in row.pulls or ()]
    over = bool(open_ones) and all(p and p.state == "closed" for p in open_ones)
    if over and row.state == "ready" and _begin(row):
        _finish([row])


def expire(limit: int = AT_ONCE) -> int:
    """Remove previews whose time is over; returns how many. Few at a time: nobody waits for it."""
    going = []
    for identifier in list(rows.expired(clock.iso(), limit)):
        row = rows.get(identifier)
        if row is None:
            continue
        try:
            if row.removed_at or _begin(row):
                going.append(row)
            else:
                rows.put_off(row, clock.iso(clock.now_ms() + _days(row) * DAY_MS))
        except Exception:  # one that is broken keeps none of the others
            logger().exception("expire", extra={"deployment": identifier})
    _finish(going)
    return len(going)


def _days(row: Deployment) -> int:
    project = project_rows.get(row.project)
    return flow.read(project.git if project is not None else {}).preview_days


def _begin(row: Deployment) -> bool:
    """Mark a deployment as removed, which takes every promotion of it away; False when it is
    needed. What is left to do stands on the list of the sweep until `_finish` is through.
    """
    if row.removed_at:
        return True
    if row.target != "preview" or row.state not in rules.TERMINAL or not row.published:
        return False
    if any(m.deployment == row.id for m in rows.moves(row.project, ROLLBACKS)):
        return False
    if aliases.needed(row):
        return False
    now = clock.iso()
    try:
        with table.write() as transaction:
            transaction.update(
                row,
                actions=[
                    Deployment.removed_at.set(now),
                    Deployment.published.set(False),
                    *rows.expiry(row.id, ""),
                ],
                condition=Deployment.state.is_in(*rules.TERMINAL)
                & Deployment.removed_at.does_not_exist(),
            )
            transaction.condition_check(
                Pointer,
                project_rows.key(row.project),
                "PTR#production",
                condition=Pointer.pk.does_not_exist() | (Pointer.deployment != row.id),
            )
    except TransactWriteError as error:
        if not table.lost_condition(error) and "TransactionConflict" not in str(error):
            raise
        row.refresh(consistent_read=True)
        return bool(row.removed_at)
    row.refresh(consistent_read=True)
    return True


def _finish(going: list[Deployment]) -> None:
    """Take removed deployments away from everywhere; repeating it is harmless."""
    if not going:
        return
    keys = []
    for row in going:
        aliases.drop(row)
        keys += [artifact_rules.manifest_key(row.id), artifact_rules.sizes_key(row.id)]
    services().store.delete(keys)
    services().edge.forget([row.id for row in going], "removed")
    for row in going:
        rows.removed(row)
