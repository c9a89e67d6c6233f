"""Schedules of a release are put in force when it goes live, and leave with it.

They are rows like those that people make, with an id that follows from their name. Each names the
deployment whose release it is of and asks for nothing while another one is live, so that a
rollback returns them in the moment that the pointer moves.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.core import clock, ids
from chalicelib.projects import rows
from chalicelib.projects.actions.schedules import Plan, next_time
from chalicelib.projects.rows.triggers import ScheduleRow, due_shard, schedule_key
from chalicelib.projects.rows.triggers import schedules as schedule_rows
from chalicelib.projects.rules.declared import Declared


def put_in_force(project: str, release: str, by: str, wanted: Iterable[Declared]) -> None:
    """Make the declared schedules of a project those of a release. Repeating it changes nothing."""
    found = rows.get(project)
    if found is None or found.deleted_at:
        return
    known = {row.id: row for row in schedule_rows(project) if row.release}
    for one in wanted:
        identifier = ids.new("sched", 0, seed=f"{project}:{one.name}")
        _write(found, known.pop(identifier, None), identifier, release, by, one)
    for row in known.values():
        row.delete()


def _write(  # noqa: PLR0917  # a row, and what it shall say
    project: rows.Project,
    known: ScheduleRow | None,
    identifier: str,
    release: str,
    by: str,
    wanted: Declared,
) -> None:
    same = known is not None and (known.cron, known.timezone) == (wanted.cron, wanted.timezone)
    if same and known is not None and known.release == release:
        return
    plan = Plan(wanted.name, project.production_branch or "", wanted.cron, wanted.timezone)
    due = known.next_at if same and known is not None else None
    due = due or next_time(plan, clock.now_ms())
    ScheduleRow(
        pk=project.pk,
        sk=schedule_key(identifier),
        gsi2pk=due_shard(identifier),
        gsi2sk=due,
        id=identifier,
        project=project.id,
        name=plan.name,
        branch=plan.branch,
        cron=plan.cron,
        timezone=plan.timezone,
        enabled=True,
        next_at=due,
        last_at=known.last_at if known is not None else None,
        last_deployment=known.last_deployment if known is not None else None,
        created_at=known.created_at if known is not None else clock.iso(),
        created_by=by,
        release=release,
    ).save()
