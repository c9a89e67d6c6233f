"""What starts deployments by itself: deploy hooks and schedules."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from chalicelib.core import clock, http, ids
from chalicelib.core.config import settings
from chalicelib.core.http import Call, Empty, Input, Output
from chalicelib.projects.actions import hooks, schedules
from chalicelib.projects.actions.schedules import Plan
from chalicelib.projects.routes.blueprint import routes
from chalicelib.projects.rows.triggers import HookRow, ScheduleRow
from chalicelib.projects.rules.cron import LONGEST
from chalicelib.teams.rules import check_name

Name = Annotated[str, AfterValidator(check_name)]
Branch = Annotated[str, Field(min_length=1, max_length=250)]
Expression = Annotated[str, Field(max_length=LONGEST, description="five fields: `0 3 * * *`")]
Timezone = Annotated[str, Field(max_length=60, description="IANA name, such as Europe/Berlin")]


class NewHook(Input):
    """A deploy hook to make."""

    name: Name
    branch: Branch


class HookView(Output):
    """A deploy hook; its address is shown once, when it is made."""

    id: str
    name: str
    branch: str
    created_at: str
    created_by: str
    used_at: str | None


class NewHookView(HookView):
    """A deploy hook and the address that only this answer has."""

    url: str


class HookList(Output):
    """All deploy hooks of a project."""

    items: list[HookView]
    next: str | None = None


class Fired(Output):
    """What a hook led to: the id that the deployment will have."""

    deployment: str


class NewSchedule(Input):
    """A schedule to make."""

    name: Name
    branch: Branch
    cron: Expression
    timezone: Timezone = "UTC"
    enabled: bool = True


class ScheduleChanges(Input):
    """What may change; absent fields stay."""

    name: Name | None = None
    branch: Branch | None = None
    cron: Expression | None = None
    timezone: Timezone | None = None
    enabled: bool | None = None


class ScheduleView(Output):
    """A schedule; `next_at` is null while it is disabled.

    `release` is the live deployment when the schedule stands in that one's clouddeck.toml.
    """

    id: str
    name: str
    branch: str
    cron: str
    timezone: str
    enabled: bool
    next_at: str | None
    last_at: str | None
    last_deployment: str | None
    release: str | None
    created_at: str
    created_by: str


class ScheduleList(Output):
    """All schedules of a project."""

    items: list[ScheduleView]
    next: str | None = None


def _hook(row: HookRow) -> dict[str, str | None]:
    return {name: getattr(row, name) for name in HookView.model_fields}


def _schedule(row: ScheduleRow) -> ScheduleView:
    return ScheduleView(**{name: getattr(row, name) for name in ScheduleView.model_fields})


@routes.post(
    "/projects/{project}/hooks",
    permission="hook.manage",
    scope="project",
    body=NewHook,
    answer=NewHookView,
    status=201,
    problems=(409,),
)
def create_hook(call: Call) -> NewHookView:
    """Make a deploy hook. Its address is in this answer and nowhere else."""
    made = hooks.create(call.actor, call.scope, call.body.name, call.body.branch)
    url = f"{settings().api_url}/v1/hooks/deploy/{made.token}"
    return NewHookView.model_validate(_hook(made.row) | {"url": url})


@routes.get(
    "/projects/{project}/hooks", permission="project.read", scope="project", answer=HookList
)
def list_hooks(call: Call) -> HookList:
    """The deploy hooks of a project."""
    return HookList(
        items=[HookView.model_validate(_hook(row)) for row in hooks.list_all(call.scope)]
    )


@routes.delete(
    "/projects/{project}/hooks/{hook}",
    permission="hook.manage",
    scope="project",
    answer=Empty,
    status=204,
)
def delete_hook(call: Call) -> None:
    """End a deploy hook at once."""
    row = hooks.delete(call.scope, call.path["hook"])
    call.trail.before = {"name": row.name, "branch": row.branch}


@routes.post(
    "/hooks/deploy/{hook}",
    permission=http.PUBLIC,
    answer=Fired,
    status=202,
    problems=(404,),
    limit="hook",
    audited=False,  # the log has it from the deployment that begins
)
def fire_hook(call: Call) -> Fired:
    """Deploy the branch of a hook. What the body says is not read."""
    return Fired(deployment=hooks.fire(call.path["hook"], ids.ulid(clock.now_ms())))


@routes.post(
    "/projects/{project}/schedules",
    permission="hook.manage",
    scope="project",
    body=NewSchedule,
    answer=ScheduleView,
    status=201,
    problems=(409,),
)
def create_schedule(call: Call) -> ScheduleView:
    """Make a schedule."""
    return _schedule(schedules.create(call.actor, call.scope, Plan(**call.body.model_dump())))


@routes.get(
    "/projects/{project}/schedules",
    permission="project.read",
    scope="project",
    answer=ScheduleList,
)
def list_schedules(call: Call) -> ScheduleList:
    """The schedules of a project."""
    return ScheduleList(items=[_schedule(row) for row in schedules.list_all(call.scope)])


@routes.get(
    "/projects/{project}/schedules/{schedule}",
    permission="project.read",
    scope="project",
    answer=ScheduleView,
)
def get_schedule(call: Call) -> ScheduleView:
    """One schedule."""
    return _schedule(schedules.get(call.scope, call.path["schedule"]))


@routes.patch(
    "/projects/{project}/schedules/{schedule}",
    permission="hook.manage",
    scope="project",
    body=ScheduleChanges,
    answer=ScheduleView,
    problems=(409,),
)
def update_schedule(call: Call) -> ScheduleView:
    """Change a schedule, or switch it off and on."""
    changes = call.body.model_dump(exclude_none=True)
    return _schedule(schedules.update(call.actor, call.scope, call.path["schedule"], changes))


@routes.delete(
    "/projects/{project}/schedules/{schedule}",
    permission="hook.manage",
    scope="project",
    answer=Empty,
    status=204,
    problems=(409,),
)
def delete_schedule(call: Call) -> None:
    """Remove a schedule."""
    row = schedules.delete(call.scope, call.path["schedule"])
    call.trail.before = {"name": row.name, "branch": row.branch, "cron": row.cron}
