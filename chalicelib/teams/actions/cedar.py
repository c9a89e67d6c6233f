"""Cedar, asked: what the policies of a team say to a request, and what is wrong with a text.

A policy that cannot be evaluated refuses, and says so: Cedar itself would leave it out, and what
it forbids would be open. The library is loaded when a team has policies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from chalicelib.core import clock
from chalicelib.core.observe import logger
from chalicelib.teams.rules import cedar, cedar_text
from chalicelib.teams.rules.cedar_text import Statement, fault_at
from chalicelib.teams.rules.conditions import DAYS, PolicyError, address_of, zone_of
from chalicelib.teams.rules.decision import GUEST, Denial, Resource, Standing, Step
from chalicelib.teams.rules.policies import policy_of

_SAYS_WHY = "`deck can` shows every step of a decision; an owner or admin can change the policy."


@dataclass(frozen=True)
class Ready:
    """The policies of a team, ready to be asked: `names` by Cedar's number of each `forbid`."""

    policies: Any
    names: Mapping[str, str]
    words: Mapping[str, str]
    zones: tuple[str, ...]


def restrict(
    standing: Standing, role: str, permission: str, on: Resource, now: int
) -> tuple[list[Step], Denial | None]:
    """What the team's policies say to an action that the role allows; `now` in seconds.

    Every policy gets a step. The first one that refuses makes the refusal.
    """
    try:
        ready = prepare(json.dumps(standing.policies, sort_keys=True))
        answer = _ask(ready, standing, (role, permission, on), now)
    except Exception as error:  # whatever is wrong with policies, it opens nothing
        logger().error("policies_failed", extra={"team": standing.team}, exc_info=error)
        refusal = _failed("The policies of this team cannot be evaluated, so this is refused.")
        return [Step("policies", False, refusal.detail)], refusal
    return _read(ready, answer)


@lru_cache(maxsize=64)
def prepare(document: str) -> Ready:
    """The policies of a team from their JSON, with the role table; kept while it is the same."""
    import cedarpy

    table = cedar.role_table()
    parts = list(table)
    names: dict[str, str] = {}
    words: dict[str, str] = {}
    number = len(table)
    for name, given in sorted(json.loads(document).items()):
        text, words[name] = as_cedar(name, given)
        count = len(cedar_text.statements(text)) if "cedar" in given else 1
        names |= {f"policy{n}": name for n in range(number, number + count)}
        number += count
        parts.append(text)
    policies = cedarpy.PolicySet.from_str("\n".join(parts))
    if len(policies) != number:
        raise ValueError(f"{number} statements were expected, {len(policies)} were found")
    return Ready(policies, names, words, _zones("\n".join(parts)))


def as_cedar(name: str, given: Mapping[str, Any]) -> tuple[str, str]:
    """A stored policy as Cedar, and what it says in words."""
    if "cedar" in given:
        return str(given["cedar"]), str(given.get("description") or "as its Cedar text says")
    policy = policy_of(name, given)
    return cedar.compiled(policy), policy.words()


def _zones(text: str) -> tuple[str, ...]:
    """Time zones that policies name; one that there is not makes its policy fail, and so refuse."""
    import re

    return tuple(sorted(set(re.findall(r'Zone\s*::\s*"([^"\\]{1,60})"', text))))


def _ask(ready: Ready, standing: Standing, asked: tuple[str, str, Resource], now: int) -> Any:
    import cedarpy

    role, permission, on = asked

    actor = standing.actor
    principal = {"type": "Key" if actor.is_key else "Person", "id": actor.id}
    action = {"type": "Action", "id": permission}
    resource = {"type": cedar.ENTITY[on.kind], "id": on.id}
    return cedarpy.is_authorized(
        {
            "principal": principal,
            "action": action,
            "resource": resource,
            "context": _context(standing, on, now),
        },
        ready.policies,
        [
            {"uid": principal, "attrs": {}, "parents": _parents(standing, role)},
            {"uid": action, "attrs": {}, "parents": _groups(permission)},
            *_places(on, standing.team),
            *[_zone(name, now) for name in ready.zones if zone_of(name) is not None],
        ],
    )


def _parents(standing: Standing, role: str) -> list[dict[str, str]]:
    actor = standing.actor
    parents = [{"type": "Role", "id": role}]
    if not standing.role and actor.user:
        parents.append({"type": "Role", "id": GUEST})
    if actor.is_key and actor.user:
        parents.append({"type": "Person", "id": actor.user})
    return parents


def _groups(permission: str) -> list[dict[str, str]]:
    subject = permission.partition(".")[0]
    return [{"type": "Action", "id": f"{subject}.*"}, {"type": "Action", "id": "*"}]


def _places(on: Resource, team: str) -> list[dict[str, Any]]:
    """The resource, and the project and team around it."""
    chain = [(cedar.ENTITY[on.kind], on.id)]
    if on.kind != "project" and on.project:
        chain.append(("Project", on.project))
    if on.kind != "team":
        chain.append(("Team", team))
    return [
        {
            "uid": {"type": kind, "id": identifier},
            "attrs": {},
            "parents": [{"type": k, "id": i} for k, i in chain[n + 1 : n + 2]],
        }
        for n, (kind, identifier) in enumerate(chain)
    ]


def _context(standing: Standing, on: Resource, now: int) -> dict[str, Any]:
    actor = standing.actor
    mfa_at = actor.mfa_for(standing.team)
    context: dict[str, Any] = {
        "kind": "session" if actor.kind == "user" else actor.kind,
        "mfa": bool(mfa_at),
        "sso": actor.sso == standing.team,
        "time": {"__extn": {"fn": "datetime", "arg": clock.iso(now * 1000)}},
    }
    if mfa_at:
        context["mfa_age"] = max(0, now - mfa_at)
    address = address_of(actor.ip)
    if address is not None:
        context["ip"] = {"__extn": {"fn": "ip", "arg": str(address)}}
    if on.environment:
        context["environment"] = on.environment
    return context


def _zone(name: str, now: int) -> dict[str, Any]:
    local = datetime.fromtimestamp(now, zone_of(name))
    return {
        "uid": {"type": "Zone", "id": name},
        "attrs": {
            "weekday": DAYS[local.weekday()],
            "yesterday": DAYS[local.weekday() - 1],
            "minute": local.hour * 60 + local.minute,
        },
        "parents": [],
    }


def _read(ready: Ready, answer: Any) -> tuple[list[Step], Denial | None]:
    said = [*answer.diagnostics.errors]
    broken = {name for number, name in ready.names.items() if any(f"`{number}`" in e for e in said)}
    denying = {ready.names[n] for n in answer.diagnostics.reasons if n in ready.names}
    steps, refusal = [], None
    for name, words in ready.words.items():
        if name in broken:
            found = _failed(f"The policy {name!r} cannot be evaluated here, so this is refused.")
        elif name in denying:
            found = Denial("policy_denied", f"The policy {name!r} forbids it: {words}.", _SAYS_WHY)
        else:
            steps.append(Step(f"policy {name}", True, f"Does not forbid this: {words}."))
            continue
        steps.append(Step(f"policy {name}", False, found.detail))
        refusal = refusal or found
    if refusal is None and (said or not answer.allowed):
        refusal = _failed("The policies of this team could not be evaluated, so this is refused.")
        steps.append(Step("policies", False, refusal.detail))
    return steps, refusal


def _failed(detail: str) -> Denial:
    return Denial("policy_failed", detail, "An owner can always read and delete policies.")


def check_text(text: str) -> None:
    """Check a Cedar text that a person wrote; raises PolicyError with line and column.

    It may hold `forbid` only, speaks of what our schema knows, and is no template.
    """
    import cedarpy

    found = cedar_text.statements(text)
    for statement in found:
        _check_syntax(text, statement)
    parsed = json.loads(cedarpy.policies_to_json_str(text))
    if parsed["templates"] or len(parsed["staticPolicies"]) != len(found):
        raise PolicyError("/cedar", "The text holds a template; name people and resources.")
    for statement in found:
        _check_zone(text, statement)
        result = cedarpy.validate_policies(statement.text(text), _schema())
        if not result.validation_passed:
            raise _misfit(text, statement, result.errors[0].error)
    cedarpy.PolicySet.from_str(text)


def _check_zone(text: str, statement: Statement) -> None:
    """Raise PolicyError for a time zone that there is not: its policy would refuse everything."""
    words = statement.tokens
    for kind, colons, name in zip(words, words[1:], words[2:], strict=False):
        if (kind.text, colons.text) == ("Zone", "::") and zone_of(name.text.strip('"')) is None:
            raise fault_at(text, name.start, f"There is no time zone {name.text[:60]}.")


def _check_syntax(text: str, statement: Statement) -> None:
    import cedarpy

    try:
        parsed = json.loads(cedarpy.policies_to_json_str(statement.text(text)))
    except ValueError as error:
        if str(error).startswith("unexpected") or "invalid token" in str(error):
            raise fault_at(text, _where(text, statement), f"{error}.") from None
        raise _misfit(text, statement, str(error)) from None
    if parsed["templates"]:
        raise fault_at(text, statement.start, "This is a template; name people and resources.")
    effects = {one["effect"] for one in parsed["staticPolicies"].values()}
    if effects != {"forbid"}:
        raise fault_at(
            text,
            statement.start,
            "Policies only restrict what roles allow, so they say `forbid`, never `permit`.",
            "policy_widens",
        )


def _where(text: str, statement: Statement) -> int:
    """Where Cedar stumbles: the word after which it no longer asks for more."""
    import cedarpy

    low, high = 0, len(statement.tokens)
    while low + 1 < high:
        middle = (low + high) // 2
        try:
            cedarpy.policies_to_json_str(statement.text(text, middle))
            low = middle
        except ValueError as error:
            low, high = (middle, high) if "end of input" in str(error) else (low, middle)
    return statement.tokens[high - 1].start


def _misfit(text: str, statement: Statement, error: str) -> PolicyError:
    """An error about what words mean, at the first word of the statement that it quotes."""
    import re

    detail = error.partition(", ")[2] if error.startswith("for policy") else error
    quoted = [q.strip('"').rpartition('::"')[2].strip('"') for q in re.findall("`([^`]+)`", detail)]
    quoted.append(detail.rpartition(": ")[2])
    for token in statement.tokens:
        if any(token.text.strip('"') == word for word in quoted):
            return fault_at(text, token.start, f"{detail}.")
    return fault_at(text, statement.start, f"{detail}.")


@lru_cache(maxsize=1)
def _schema() -> Any:
    import cedarpy

    return cedarpy.Schema.from_str(cedar.schema())
