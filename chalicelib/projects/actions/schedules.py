"""Schedules: deployments at times of the clock, such as every night."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pynamodb.exceptions import TransactWriteError, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.core import clock, ids, table
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, FieldError, Invalid, not_found
from chalicelib.core.observe import logger
from chalicelib.projects import rows
from chalicelib.projects.actions import asking
from chalicelib.projects.rows import Project
from chalicelib.projects.rows.triggers import ScheduleRow, due, due_shard, schedule_key
from chalicelib.projects.rows.triggers import schedule as schedule_row
from chalicelib.projects.rows.triggers import schedules as schedule_rows
from chalicelib.projects.rules import cron

SCHEDULES_MAX = 20
A_RUN = 100
"""Schedules of each shard that one run looks at; the rest is as due a minute later."""


@dataclass(frozen=True)
class Plan:
    """What a schedule says."""

    name: str
    branch: str
    cron: str
    timezone: str = "UTC"
    enabled: bool = True


def create(actor: Actor, project: Project, plan: Plan) -> ScheduleRow:
    """Make a schedule; raises Invalid for its times, Conflict when there are too many."""
    next_at = next_time(plan, clock.now_ms())
    if sum(not row.release for row in schedule_rows(project.id)) >= SCHEDULES_MAX:
        raise Conflict(
            "too_many_schedules",
            f"A project has at most {SCHEDULES_MAX} schedules.",
            hint="Delete one that nobody needs.",
        )
    asking.allow(actor, project, plan.branch)
    identifier = ids.new("sched")
    row = ScheduleRow(
        pk=rows.key(project.id),
        sk=schedule_key(identifier),
        id=identifier,
        project=project.id,
        name=plan.name,
        branch=plan.branch,
        cron=plan.cron,
        timezone=plan.timezone,
        enabled=plan.enabled,
        created_at=clock.iso(),
        created_by=actor.id,
    )
    if plan.enabled:
        row.next_at = row.gsi2sk = next_at
        row.gsi2pk = due_shard(identifier)
    try:
        with table.write() as transaction:
            transaction.save(row, condition=ScheduleRow.pk.does_not_exist())
            transaction.condition_check(
                Project, project.pk, "META", condition=Project.deleted_at.does_not_exist()
            )
    except TransactWriteError as error:
        if not table.lost_condition(error):
            raise
        raise not_found("project", project.id) from None
    return row


def next_time(plan: Plan, after_ms: int) -> str:
    """When a plan is due next, ISO 8601; raises Invalid that names the field and why."""
    try:
        times = cron.parse(plan.cron)
        zone = cron.zone_of(plan.timezone)
    except cron.CronError as error:
        pointer = "/timezone" if error.field == "timezone" else "/cron"
        said = error.detail if error.field in _WHOLE else f"{error.field}: {error.detail}"
        raise Invalid(
            error.code,
            said[:1].upper() + said[1:],
            hint="Such as `0 3 * * *` in Europe/Berlin: every night at three.",
            errors=(FieldError(pointer, said, error.code),),
        ) from None
    moment = cron.next_after(times, zone, datetime.fromtimestamp(after_ms / 1000, UTC))
    return clock.iso(int(moment.timestamp() * 1000))


_WHOLE = {"timezone", "expression"}


def list_all(project: Project) -> list[ScheduleRow]:
    """The schedules of a project, oldest first."""
    return list(schedule_rows(project.id))


def get(project: Project, identifier: str) -> ScheduleRow:
    """One schedule; raises NotFound."""
    row = schedule_row(project.id, identifier)
    if row is None:
        raise not_found("schedule", identifier)
    return row


def update(actor: Actor, project: Project, identifier: str, changes: dict[str, Any]) -> ScheduleRow:
    """Change a schedule; the next time follows from what it says then. Raises as `create` does."""
    row = _by_people(get(project, identifier))
    plan = Plan(
        **{name: changes.get(name, getattr(row, name)) for name in Plan.__dataclass_fields__}
    )
    next_at = next_time(plan, clock.now_ms())
    asking.allow(actor, project, plan.branch)
    updates: list[Action] = [getattr(ScheduleRow, name).set(v) for name, v in vars(plan).items()]
    if plan.enabled:
        updates += _waiting(identifier, next_at)
    else:
        updates += _resting()
    try:
        row.update(actions=updates, condition=ScheduleRow.pk.exists())
    except UpdateError as error:
        if not table.lost_condition(error):
            raise
        raise not_found("schedule", identifier) from None
    return row


def _by_people(row: ScheduleRow) -> ScheduleRow:
    """Raise Conflict `schedule_declared` for one that a repository declares."""
    if row.release:
        raise Conflict(
            "schedule_declared",
            f"{row.name!r} stands in clouddeck.toml and comes and goes with what is live.",
            hint="Change it there and push.",
        )
    return row


def _waiting(identifier: str, next_at: str) -> list[Action]:
    return [
        ScheduleRow.next_at.set(next_at),
        ScheduleRow.gsi2pk.set(due_shard(identifier)),
        ScheduleRow.gsi2sk.set(next_at),
    ]


def _resting() -> list[Action]:
    return [
        ScheduleRow.next_at.remove(),
        ScheduleRow.gsi2pk.remove(),
        ScheduleRow.gsi2sk.remove(),
    ]


def delete(project: Project, identifier: str) -> ScheduleRow:
    """Remove a schedule; raises NotFound."""
    row = _by_people(get(project, identifier))
    row.delete()
    return row


def fire_due(now_ms: int | None = None) -> int:
    """Ask for every deployment whose time has come; how many were asked for.

    First the event, whose key is the time that came, then the next time: whoever dies in between
    asks again by the same key. Times that were missed are made good once, not one by one. A fault
    with one is raised once all have had their turn.
    """
    now = clock.now_ms() if now_ms is None else now_ms
    fired, faults = 0, []
    for hint in due(clock.iso(now), A_RUN):
        try:
            fired += _fire(hint, now)
        except Exception as fault:  # the others are due as well
            logger().error("schedule_failed", exc_info=fault, extra={"schedule": hint.id})
            faults.append(fault)
    if faults:
        raise faults[0]
    return fired


def _fire(hint: ScheduleRow, now: int) -> bool:
    row = schedule_row(hint.project, hint.id)
    seen = row.next_at if row is not None else None
    if row is None or not row.enabled or seen is None or seen > clock.iso(now):
        return False
    project = rows.get(row.project)
    if project is None or project.deleted_at:
        return False  # its schedules leave with it
    if row.release and row.release != project.production:
        return False  # another release is live by now, whose own are about to be put in force
    key = asking.key_of("schedule", row.id, _ms(seen))
    deployment = asking.ask(project, row.branch, "schedule", row.id, key)
    updates: list[Action] = [
        ScheduleRow.last_at.set(seen),
        ScheduleRow.last_deployment.set(deployment),
    ]
    try:
        plan = Plan(row.name, row.branch, row.cron, row.timezone)
        updates += _waiting(row.id, next_time(plan, now))
    except Invalid as problem:  # its time zone is no more
        updates += [ScheduleRow.enabled.set(False), *_resting()]
        logger().warning("schedule_ended", extra={"schedule": row.id, "code": problem.code})
    try:
        row.update(actions=updates, condition=ScheduleRow.next_at == seen)
    except UpdateError as error:  # somebody else was as fast, by the same key, or changed it
        if not table.lost_condition(error):
            raise
        return False
    return True


def _ms(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000)
