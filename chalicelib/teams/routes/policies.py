"""Policies of a team, and what they make of a request."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core.http import Call, Empty, Input, Output
from chalicelib.teams import actions
from chalicelib.teams.routes.blueprint import routes
from chalicelib.teams.rules.cedar_text import MAX_TEXT
from chalicelib.teams.rules.conditions import MAX_CIDRS
from chalicelib.teams.rules.policies import MAX_NAMED

Words = Annotated[str, Field(max_length=120)]
Environment = Annotated[str, Field(min_length=1, max_length=20)]


class TimeInput(Input):
    """A window of the week; `from` is inside and `to` is not."""

    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] | None = Field(
        None, max_length=7
    )
    from_: str | None = Field(None, alias="from", max_length=5, description="such as 09:30")
    to: str | None = Field(None, max_length=5, description="such as 17:00; 24:00 is midnight")
    timezone: str | None = Field(None, max_length=60, description="IANA name; UTC by default")


class MfaInput(Input):
    """A second factor in the session; not `required` means without one."""

    required: bool = True
    max_age_minutes: int | None = Field(None, ge=1, le=43200)


class NetworkInput(Input):
    """Where the request comes from."""

    cidrs: list[Annotated[str, Field(max_length=60)]] = Field(min_length=1, max_length=MAX_CIDRS)


class ConditionsInput(Input):
    """All that are given must hold."""

    time: TimeInput | None = None
    mfa: MfaInput | None = None
    network: NetworkInput | None = None
    environment: list[Environment] | None = Field(None, max_length=20)


class PolicyInput(Input):
    """A policy: the fields from `effect` on, or Cedar text of `forbid` policies."""

    description: str | None = Field(None, max_length=200)
    effect: Literal["deny", "allow_only"] | None = None
    roles: list[Words] | None = Field(None, max_length=10)
    resources: list[Words] | None = Field(None, max_length=MAX_NAMED)
    actions: list[Words] | None = Field(None, max_length=MAX_NAMED)
    conditions: ConditionsInput | None = None
    cedar: str | None = Field(None, max_length=MAX_TEXT)


class PolicyView(Output):
    """A policy as it was given, in words, and as the Cedar that decides."""

    name: str
    description: str
    effect: Literal["deny", "allow_only"] | None
    roles: list[str]
    resources: list[str]
    actions: list[str]
    conditions: dict[str, Any]
    cedar: str
    raw: bool
    words: str
    updated_at: str
    updated_by: str


class PolicyList(Output):
    """All policies of a team."""

    items: list[PolicyView]
    next: str | None = None


class ContextInput(Input):
    """How the request would come; what is not given is as usual for that person."""

    at: str | None = Field(None, max_length=40, description="ISO 8601; now by default")
    ip: str | None = Field(None, max_length=60)
    environment: Environment | None = None
    mfa: bool | None = None
    mfa_age_minutes: int | None = Field(None, ge=0, le=43200)
    sso: bool | None = None


class DraftInput(PolicyInput):
    """A policy that is not set: what would it change? One of the same name is replaced by it."""

    name: str = Field("draft", max_length=50)


class SimulateInput(Input):
    """Who would do what."""

    team: str | None = Field(None, max_length=80, description="id or slug")
    who: str = Field(min_length=1, max_length=254, description="user, e-mail, key, or `me`")
    action: str = Field(min_length=1, max_length=60)
    resource: str | None = Field(None, max_length=120, description="`kind:id`, an id or a slug")
    context: ContextInput = Field(default_factory=lambda: ContextInput.model_validate({}))
    draft: DraftInput | None = None


class StepView(Output):
    """One thing that was looked at."""

    step: str
    allowed: bool
    detail: str


class SimulationView(Output):
    """Yes or no, by which role, the code a request would get, and every step to it."""

    allowed: bool
    role: str
    code: str | None
    hint: str
    why: list[StepView]


@routes.get("/teams/{team}/policies", permission="policy.read", scope="team", answer=PolicyList)
def list_policies(call: Call) -> PolicyList:
    """The policies of a team."""
    return PolicyList(items=[_view(p) for p in actions.list_policies(call.scope.team)])


@routes.put(
    "/teams/{team}/policies/{policy}",
    permission="policy.manage",
    scope="team",
    body=PolicyInput,
    answer=PolicyView,
    problems=(409,),
    step_up=True,
)
def set_policy(call: Call) -> PolicyView:
    """Make or replace a policy; it holds from the next request on."""
    given = call.body.model_dump(mode="json", by_alias=True, exclude_none=True)
    found, before = actions.set_policy(
        call.scope.team, call.path["policy"], given, call.actor.user or call.actor.id
    )
    call.trail.before, call.trail.after = before or {}, found.given
    return _view(found)


@routes.delete(
    "/teams/{team}/policies/{policy}",
    permission="policy.manage",
    scope="team",
    answer=Empty,
    status=204,
    problems=(409,),
    step_up=True,
)
def delete_policy(call: Call) -> None:
    """Take a policy away."""
    call.trail.before = actions.delete_policy(call.scope.team, call.path["policy"])


@routes.post(
    "/policies/simulate",
    permission="policy.read",
    body=SimulateInput,
    answer=SimulationView,
    audited=False,
)
def simulate(call: Call) -> SimulationView:
    """May somebody do something, and why: nothing is done, nothing is changed."""
    body: SimulateInput = call.body
    draft = (
        body.draft.model_dump(mode="json", by_alias=True, exclude_none=True) if body.draft else {}
    )
    question = actions.Question(
        body.who,
        body.action,
        body.resource or "",
        body.context.model_dump(exclude_none=True),
        {draft.pop("name"): draft} if draft else {},
    )
    found = actions.simulate(call.actor, body.team, question)
    return SimulationView(
        allowed=found.allowed,
        role=found.role,
        code=found.refusal.code if found.refusal else None,
        hint=found.refusal.hint if found.refusal else "",
        why=[StepView(step=s.name, allowed=s.allowed, detail=s.detail) for s in found.steps],
    )


def _view(policy: actions.PolicyOfTeam) -> PolicyView:
    given = policy.given
    return PolicyView(
        name=policy.name,
        description=given.get("description", ""),
        effect=given.get("effect"),
        roles=given.get("roles", []),
        resources=given.get("resources", []),
        actions=given.get("actions", []),
        conditions=given.get("conditions", {}),
        cedar=policy.cedar,
        raw="cedar" in given,
        words=policy.words,
        updated_at=given.get("updated_at", ""),
        updated_by=given.get("updated_by", ""),
    )
