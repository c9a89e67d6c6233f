"""Routes of rollouts: how far one is, what the judge says, and what people do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core import paging
from chalicelib.core.actor import Actor
from chalicelib.core.http import Call, Input, Output
from chalicelib.projects.rows import Project
from chalicelib.rollouts import rows
from chalicelib.rollouts.actions import people
from chalicelib.rollouts.routes.blueprint import routes
from chalicelib.rollouts.rows import LookRow, Rollout
from chalicelib.rollouts.rules import states


class StepView(Output):
    """A step: per cent of all visitors, and for how many seconds at least."""

    weight: float
    seconds: int


class FiguresView(Output):
    """What a version answered: times in milliseconds, the health score from 0 to 100."""

    requests: int
    errors: int
    error_rate: float
    refused: int
    p95_ms: float | None
    health: float | None


class RecentView(Output):
    """What both versions answered since the look before."""

    canary: FiguresView
    live: FiguresView


class NumbersView(Output):
    """What a verdict stands on: everything since the rollout began, and since the step did.

    A test has spoken when its evidence reaches `needed`.
    """

    canary: FiguresView
    live: FiguresView
    step: FiguresView
    recent: RecentView | None = None
    seconds: int
    looks: int
    evidence: dict[str, float]
    needed: float


class CheckView(Output):
    """A page that was asked for, the status it shall have, and has; null when nobody knows."""

    path: str
    status: int
    answered: int | None


class VerdictView(Output):
    """What the judge said in a step, and why, or `by` whom it was said in its place.

    `shift` is no verdict but a step's beginning; `pause` and `resume` are people's.
    """

    at: str
    step: int
    weight: float | None
    outcome: Literal["shift", "wait", "pass", "hold", "abort", "pause", "resume"]
    by: str | None
    why: list[str]
    numbers: NumbersView | None
    checks: list[CheckView]


class LookView(VerdictView):
    """A look of the judge; `number` counts those of the whole rollout, from 1."""

    number: int


class RolloutView(Output):
    """A rollout of a deployment, beside `base`, which was live when it began."""

    id: str
    project: str
    deployment: str
    base: str
    strategy: Literal["blue-green", "canary"]
    state: Literal["running", "paused", "completed", "aborted", "overtaken"]
    steps: list[StepView]
    step: int
    weight: float
    match: dict[str, Any] | None
    checks: list[dict[str, Any]]
    limits: dict[str, Any]
    reason: str
    by: str | None
    verdict: VerdictView | None
    created_at: str
    ended_at: str | None
    kept_until: str | None


class RolloutDetails(RolloutView):
    """The same with everything that was decided, oldest first."""

    history: list[VerdictView]


class AbortInput(Input):
    """Why."""

    reason: Annotated[str, Field(max_length=500)] = ""


def _verdict(told: dict[str, Any]) -> VerdictView:
    weight = told.get("weight")
    return VerdictView(
        at=told["at"],
        step=told["step"],
        weight=None if weight is None else weight / 100,
        outcome=told["outcome"],
        by=told.get("by"),
        why=told["why"],
        numbers=NumbersView.model_validate(told["numbers"]) if told.get("numbers") else None,
        checks=[CheckView.model_validate(one) for one in told.get("checks", ())],
    )


def _look(row: LookRow) -> LookView:
    return LookView(**_verdict(row.told).model_dump(), number=int(row.number))


def view(row: Rollout) -> RolloutView:
    """What the API says of a rollout."""
    plain = ("id", "project", "deployment", "base", "strategy", "state", "reason", "by")
    times = ("created_at", "ended_at", "kept_until")
    return RolloutView(
        **{name: getattr(row, name) for name in (*plain, *times)},
        steps=[StepView(weight=weight / 100, seconds=seconds) for weight, seconds in row.steps],
        step=int(row.step),
        weight=states.weight_now(row.state, row.steps, int(row.shifted)) / 100,
        match=dict(row.match) if row.match else None,
        checks=[dict(check) for check in row.checks],
        limits=dict(row.limits),
        verdict=_verdict(row.verdict) if row.verdict else None,
    )


def _details(row: Rollout) -> RolloutDetails:
    history = [_verdict(told) for told in row.history or ()]
    return RolloutDetails(**view(row).model_dump(), history=history)


@routes.get(
    "/projects/{project}/rollouts",
    permission="deployment.read",
    scope="project",
    query=paging.PageQuery,
    answer=paging.Page[RolloutView],
)
def list_rollouts(call: Call) -> paging.Page[RolloutView]:
    """The rollouts of a project, newest first."""
    call.scope.member.in_environment("production")
    found, following = rows.page(call.scope.id, call.query.limit, paging.position(call))
    return paging.Page[RolloutView](
        items=[view(row) for row in found], next=paging.cursor(call, following)
    )


@routes.get(
    "/projects/{project}/rollouts/{rollout}",
    permission="deployment.read",
    scope="project",
    answer=RolloutDetails,
)
def get(call: Call) -> RolloutDetails:
    """One rollout, with every verdict that changed something."""
    call.scope.member.in_environment("production")
    return _details(people.get(call.scope, call.path["rollout"]))


@routes.get(
    "/projects/{project}/rollouts/{rollout}/looks",
    permission="deployment.read",
    scope="project",
    query=paging.PageQuery,
    answer=paging.Page[LookView],
)
def list_looks(call: Call) -> paging.Page[LookView]:
    """Looks of the judge at a rollout, newest first: all of the last 200, and a part of those
    before.
    """
    call.scope.member.in_environment("production")
    row = people.get(call.scope, call.path["rollout"])
    found, following = rows.looks_page(row.id, call.query.limit, paging.position(call))
    return paging.Page[LookView](
        items=[_look(one) for one in found], next=paging.cursor(call, following)
    )


def _done(call: Call, what: Callable[[Actor, Project, str], Rollout]) -> RolloutView:
    call.scope.member.in_environment("production")
    row = what(call.actor, call.scope, call.path["rollout"])
    call.trail.after = {"rollout": row.id, "deployment": row.deployment, "state": row.state}
    return view(row)


@routes.post(
    "/projects/{project}/rollouts/{rollout}/pause",
    permission="deployment.promote",
    scope="project",
    answer=RolloutView,
    problems=(409,),
)
def pause(call: Call) -> RolloutView:
    """Keep the weight as it is until somebody resumes or aborts."""
    return _done(call, people.pause)


@routes.post(
    "/projects/{project}/rollouts/{rollout}/resume",
    permission="deployment.promote",
    scope="project",
    answer=RolloutView,
    problems=(409,),
)
def resume(call: Call) -> RolloutView:
    """Go on with a paused rollout."""
    return _done(call, people.resume)


@routes.post(
    "/projects/{project}/rollouts/{rollout}/advance",
    permission="deployment.promote",
    scope="project",
    answer=RolloutView,
    problems=(409,),
)
def advance(call: Call) -> RolloutView:
    """Pass the present step without waiting for the judge."""
    return _done(call, people.advance)


@routes.post(
    "/projects/{project}/rollouts/{rollout}/abort",
    permission="deployment.promote",
    scope="project",
    body=AbortInput,
    answer=RolloutView,
    problems=(409,),
)
def abort(call: Call) -> RolloutView:
    """Take a rollout back; a complete one too, while what was live before is kept."""
    reason = call.body.reason
    return _done(
        call, lambda actor, project, rollout: people.abort(actor, project, rollout, reason)
    )
