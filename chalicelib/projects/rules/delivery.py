"""How a release reaches visitors: the field `delivery` of a project. Pure.

What is not said is the default; `read` fills it in. Weights are given in per cent with two decimals
and counted in parts of 10,000, as the edge counts them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from chalicelib.projects.rules import freezes
from chalicelib.projects.rules.freezes import Freeze

Strategy = Literal["instant", "blue-green", "canary"]
Approvers = Literal["admins", "developers"]
Silence = Literal["go_on", "hold", "abort"]
MatchKind = Literal["header", "cookie", "country"]

STRATEGIES: tuple[Strategy, ...] = ("instant", "blue-green", "canary")
ALL = 10_000
STEPS_MAX = 20
STEP_SECONDS_MAX = 86_400
CHECKS_MAX = 20
VALUES_MAX = 20
SKEW_MAX = 2_592_000
KEEP_MAX = 86_400
APPROVALS_MAX = 5

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}\Z")
_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_PRINTABLE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,126}[\x21-\x7e])?\Z")
_PATH = re.compile(r"/[\x21-\x7e]{0,1023}\Z")


@dataclass(frozen=True, slots=True)
class Step:
    """`weight` of 10,000 visitors see the new deployment for at least `seconds`."""

    weight: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Match:
    """Whom a canary is shown to whatever its weight."""

    kind: MatchKind
    name: str
    values: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """As the pointer's row and the API have it."""
        return {"kind": self.kind, "name": self.name, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Judge:
    """Limits beyond which a rollout is taken back.

    `error_rate` is a share of 1, `p95_ms` milliseconds, `health` a score of 0 to 100;
    `false_abort` is how often a deployment that is as good as the live one may be refused.
    Fewer than `min_requests` decide nothing; a step that has still seen fewer after `max_seconds`
    ends as `when_silent` says.
    """

    error_rate: float = 0.05
    p95_ms: int = 1000
    health: int = 70
    min_requests: int = 200
    false_abort: float = 0.01
    max_seconds: int = 3600
    when_silent: Silence = "go_on"


@dataclass(frozen=True, slots=True)
class Check:
    """A page of the new deployment that has to answer with this status in every step."""

    path: str
    status: int = 200


@dataclass(frozen=True, slots=True)
class Delivery:
    """A project's way of going live, every default filled in.

    `keep_seconds` is how long what was replaced stays fit for an instant return, `skew_seconds` how
    long an open page is answered by its own deployment (0: not at all). `approvals` people
    (`approvers`) have to approve of a commit before it goes live.
    """

    strategy: Strategy = "instant"
    steps: tuple[Step, ...] = ()
    match: Match | None = None
    judge: Judge = Judge()
    checks: tuple[Check, ...] = ()
    keep_seconds: int = 3600
    skew_seconds: int = 0
    approvals: int = 0
    approvers: Approvers = "developers"
    freezes: tuple[Freeze, ...] = ()


DEFAULT = Delivery()

STEPS: dict[Strategy, tuple[Step, ...]] = {
    "instant": (),
    "blue-green": (Step(500, 300), Step(5_000, 300), Step(ALL, 0)),
    "canary": (Step(500, 300), Step(2_500, 300), Step(5_000, 300), Step(ALL, 0)),
}
"""What a strategy does when a project does not say its own steps."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: where (a JSON pointer below `delivery`), and a sentence."""

    pointer: str
    detail: str


def read(given: Mapping[str, Any] | None) -> Delivery:
    """A project's delivery as its row holds it; what the row does not say is the default."""
    told = {k: v for k, v in (given or {}).items() if v is not None}
    strategy: Strategy = told.get("strategy", DEFAULT.strategy)
    plain = ("keep_seconds", "skew_seconds", "approvals", "approvers")
    return Delivery(
        strategy=strategy,
        steps=_steps(told["steps"]) if told.get("steps") else STEPS[strategy],
        match=_match(told["match"]) if told.get("match") else None,
        judge=replace(DEFAULT.judge, **_known(told.get("judge", {}), Judge)),
        checks=tuple(Check(**_known(one, Check)) for one in told.get("checks", ())),
        freezes=tuple(freezes.read(one) for one in told.get("freezes", ())),
        **{name: told[name] for name in plain if name in told},
    )


def _known(given: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """The fields of `kind` that are said."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in given.items() if name in names and value is not None}


def _steps(given: list[Mapping[str, Any]]) -> tuple[Step, ...]:
    return tuple(Step(parts(one["weight"]), int(one["seconds"])) for one in given)


def parts(percent: float) -> int:
    """Per cent as parts of 10,000."""
    return round(percent * 100)


def percent(weight: int) -> float:
    """Parts of 10,000 as per cent."""
    return weight / 100


def _match(given: Mapping[str, Any]) -> Match:
    return Match(given["kind"], given.get("name", ""), tuple(given["values"]))


def guarded(given: Mapping[str, Any] | None) -> tuple[int, Approvers, tuple[Freeze, ...]]:
    """What keeps people from releasing, and so is changed by those who may lock a project."""
    found = read(given)
    return found.approvals, found.approvers, found.freezes


def faults(given: Mapping[str, Any]) -> list[Fault]:
    """Everything that is wrong with a delivery whose fields have the right types."""
    found = _step_faults(given) + _match_faults(given.get("match"))
    for number, check in enumerate(given.get("checks") or ()):
        if not _PATH.match(check["path"]) or check["path"].startswith("//"):
            found.append(
                Fault(f"/checks/{number}/path", "A path begins with one / and has no space.")
            )
    for number, freeze in enumerate(given.get("freezes") or ()):
        found += [Fault(f"/freezes/{number}{at}", why) for at, why in freezes.faults(freeze)]
    return found


def _step_faults(given: Mapping[str, Any]) -> list[Fault]:
    steps = given.get("steps") or ()
    if not steps:
        return []
    if given.get("strategy", DEFAULT.strategy) == "instant":
        return [
            Fault("/steps", "The strategy `instant` has no steps; choose canary or blue-green.")
        ]
    found, before = [], -1
    for number, step in enumerate(steps):
        if abs(step["weight"] * 100 - parts(step["weight"])) > 1e-6:
            found.append(Fault(f"/steps/{number}/weight", "Per cent, with two decimals at most."))
        if parts(step["weight"]) < before:
            found.append(Fault(f"/steps/{number}/weight", "Weights never fall from step to step."))
        before = parts(step["weight"])
    return found


def _match_faults(match: Mapping[str, Any] | None) -> list[Fault]:
    if not match:
        return []
    found = []
    if match["kind"] != "country" and not _NAME.match(match.get("name") or ""):
        found.append(Fault("/match/name", f"Not the name of a {match['kind']}."))
    elif match["kind"] == "country" and match.get("name"):
        found.append(Fault("/match/name", "A country is said by `values` alone."))
    for number, value in enumerate(match["values"]):
        if match["kind"] == "country" and not _COUNTRY.match(value):
            found.append(Fault(f"/match/values/{number}", "Two capital letters, such as DE."))
        elif not _PRINTABLE.match(value):
            found.append(Fault(f"/match/values/{number}", "1 to 128 printable ASCII characters."))
    return found
