"""What a project says about its releases, as the API reads and shows it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chalicelib.core.http import Input
from chalicelib.projects.rules import delivery, freezes
from chalicelib.projects.rules.delivery import Approvers, MatchKind, Silence, Strategy
from chalicelib.projects.rules.freezes import Freeze

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Words = Annotated[str, Field(max_length=200)]


class StepInput(Input):
    """So much of the visitors see the new deployment, for so long."""

    weight: float = Field(ge=0, le=100, description="per cent, two decimals at most")
    seconds: int = Field(ge=0, le=delivery.STEP_SECONDS_MAX)


class MatchInput(Input):
    """Whom a canary is shown to whatever its weight."""

    kind: MatchKind
    name: str = Field("", max_length=64, description="of the header or cookie")
    values: list[Annotated[str, Field(max_length=128)]] = Field(
        min_length=1, max_length=delivery.VALUES_MAX
    )


class JudgeInput(Input):
    """When a rollout is taken back."""

    error_rate: float | None = Field(None, ge=0, le=1, description="share of answers above 499")
    p95_ms: int | None = Field(None, ge=1, le=600_000)
    health: int | None = Field(None, ge=0, le=100)
    min_requests: int | None = Field(None, ge=1, le=1_000_000)
    false_abort: float | None = Field(None, ge=0.0001, le=0.2)
    max_seconds: int | None = Field(None, ge=0, le=604_800)
    when_silent: Silence | None = None


class CheckInput(Input):
    """A page that has to answer with this status."""

    path: str = Field(max_length=1024)
    status: int = Field(200, ge=100, le=599)


class Spanned(Input):
    """What has a `from`, which Python keeps for itself."""

    model_config = ConfigDict(serialize_by_alias=True)


class WeeklyInput(Spanned):
    """Days of the week, and hours of those days."""

    days: list[Day] = Field(min_length=1, max_length=7)
    begins: str = Field(alias="from", max_length=5)
    ends: str = Field(alias="to", max_length=5)


class FreezeInput(Spanned):
    """A window in which nothing goes live by itself: one span, or one of every week."""

    begins: str | None = Field(None, alias="from", max_length=19)
    ends: str | None = Field(None, alias="to", max_length=19)
    timezone: str = Field("UTC", max_length=60)
    weekly: WeeklyInput | None = None
    reason: Words = ""


class DeliverySettings(Input):
    """How a release reaches visitors; what is not said is the default."""

    strategy: Strategy = delivery.DEFAULT.strategy
    steps: list[StepInput] | None = Field(
        None, max_length=delivery.STEPS_MAX, description="absent: the strategy's own"
    )
    match: MatchInput | None = None
    judge: JudgeInput | None = None
    checks: list[CheckInput] = Field([], max_length=delivery.CHECKS_MAX)
    keep_seconds: int = Field(delivery.DEFAULT.keep_seconds, ge=0, le=delivery.KEEP_MAX)
    skew_seconds: int = Field(delivery.DEFAULT.skew_seconds, ge=0, le=delivery.SKEW_MAX)
    approvals: int = Field(delivery.DEFAULT.approvals, ge=0, le=delivery.APPROVALS_MAX)
    approvers: Approvers = delivery.DEFAULT.approvers
    freezes: list[FreezeInput] = Field([], max_length=freezes.FREEZES_MAX)


def delivery_view(given: dict[str, Any]) -> DeliverySettings:
    """A project's delivery with every default filled in."""
    found = delivery.read(given)
    plain = ("strategy", "keep_seconds", "skew_seconds", "approvals", "approvers")
    return DeliverySettings.model_validate(
        {
            **{name: getattr(found, name) for name in plain},
            "steps": [
                {"weight": delivery.percent(step.weight), "seconds": step.seconds}
                for step in found.steps
            ],
            "match": found.match.told() if found.match else None,
            "judge": {n: getattr(found.judge, n) for n in JudgeInput.model_fields},
            "checks": [{"path": one.path, "status": one.status} for one in found.checks],
            "freezes": [_freeze(one) for one in found.freezes],
        }
    )


def _freeze(freeze: Freeze) -> dict[str, Any]:
    told: dict[str, Any] = {"timezone": freeze.timezone, "reason": freeze.reason}
    if freeze.weekly is not None:
        hours = freeze.weekly
        told["weekly"] = {
            "days": [freezes.DAYS[day] for day in hours.days],
            "from": hours.begins.isoformat("minutes"),
            "to": hours.ends.isoformat("minutes"),
        }
    if freeze.begins is not None and freeze.ends is not None:
        told["from"], told["to"] = freeze.begins.isoformat(), freeze.ends.isoformat()
    return told
