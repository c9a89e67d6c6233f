"""Policies of a team: listed, set, deleted. The caller was authorised before."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pynamodb.exceptions import DoesNotExist, UpdateError

from chalicelib.core import clock
from chalicelib.core.errors import Conflict, FieldError, Invalid, NotFound, not_found
from chalicelib.core.table import lost_condition
from chalicelib.teams import rows
from chalicelib.teams.actions import cedar
from chalicelib.teams.actions.resources import locate
from chalicelib.teams.rules.conditions import PolicyError
from chalicelib.teams.rules.policies import (
    MAX_BYTES,
    MAX_POLICIES,
    check_policy_name,
    policy_of,
)

_TRIES = 6
Stored = dict[str, Any]


@dataclass(frozen=True)
class PolicyOfTeam:
    """A policy as people see it: what they wrote, as Cedar, and in words."""

    name: str
    given: Stored
    cedar: str
    words: str


def list_policies(team: str) -> list[PolicyOfTeam]:
    """The policies of a team, by name."""
    return [_seen(name, given) for name, given in sorted(_policies(_team(team)).items())]


def set_policy(
    team: str, name: str, given: Mapping[str, Any], by: str
) -> tuple[PolicyOfTeam, Stored | None]:
    """Make or replace a policy; it holds from the next request on. Also what it was before.

    A project that is named by its slug is written down by its id. Raises Invalid with
    `invalid_policy`, `policy_widens` or `policy_matches_nothing`, Conflict with
    `too_many_policies`.
    """
    checked = check_policy(team, name, given)
    checked |= {"updated_at": clock.iso(), "updated_by": by}
    before = _change(team, lambda policies: {**policies, name: checked})
    return _seen(name, checked), before.get(name)


def check_policy(team: str, name: str, given: Mapping[str, Any]) -> Stored:
    """What would be stored of a policy; raises Invalid as `set_policy` does."""
    try:
        return _checked(team, check_policy_name(name), given)
    except PolicyError as error:
        raise Invalid(
            error.code,
            error.detail,
            hint="docs/policies.md has worked examples.",
            errors=(FieldError(error.pointer, error.detail, error.code),),
        ) from None


def delete_policy(team: str, name: str) -> Stored:
    """Take a policy away; what it was. Raises NotFound."""

    def without(policies: dict[str, Stored]) -> dict[str, Stored]:
        if name not in policies:
            raise not_found("policy", name)
        return {other: policy for other, policy in policies.items() if other != name}

    return _change(team, without)[name]


def _checked(team: str, name: str, given: Mapping[str, Any]) -> Stored:
    """What is stored of a policy that is in order; raises PolicyError."""
    kept = {key: value for key, value in given.items() if value not in (None, [], {}, "")}
    if "cedar" in kept:
        extra = sorted(set(kept) - {"cedar", "description"})
        if extra:
            raise PolicyError(f"/{extra[0]}", "A policy is Cedar text or these fields, not both.")
        cedar.check_text(str(kept["cedar"]))
        return kept
    named = []
    for number, text in enumerate(kept.get("resources", [])):
        named.append(_by_id(team, str(text), f"/resources/{number}"))
    if named:
        kept["resources"] = list(dict.fromkeys(named))
    policy_of(name, kept)
    return kept


def _by_id(team: str, text: str, pointer: str) -> str:
    kind, colon, reference = text.partition(":")
    if not colon:
        return text
    try:
        return f"{kind}:{locate(team, text).id}"
    except NotFound:
        raise PolicyError(
            pointer, f"There is no {kind[:20]} {reference[:60]!r} in this team."
        ) from None


def _change(
    team: str, change: Callable[[dict[str, Stored]], dict[str, Stored]]
) -> dict[str, Stored]:
    """Write changed policies if nobody changed the team meanwhile; the ones before."""
    kind = rows.TeamRow
    for _ in range(_TRIES):
        row = _team(team)
        before = _policies(row)
        after = change(before)
        _check_limits(before, after)
        try:
            row.update(
                actions=[kind.policies.set(after), kind.version.set(kind.version + 1)],
                condition=(kind.version == row.version) & kind.deleted_at.does_not_exist(),
            )
        except (UpdateError, DoesNotExist) as error:
            if isinstance(error, UpdateError) and not lost_condition(error):
                raise
            continue
        return before
    raise Conflict("conflict", "The team is being changed by somebody else.", hint="Try again.")


def _check_limits(before: dict[str, Stored], after: dict[str, Stored]) -> None:
    """Raise Conflict for more than fits; taking away is always possible."""
    if len(after) < len(before):
        return
    size = len(json.dumps(after, separators=(",", ":")).encode())
    if len(after) > MAX_POLICIES or size > MAX_BYTES:
        raise Conflict(
            "too_many_policies",
            f"A team has at most {MAX_POLICIES} policies of {MAX_BYTES // 1024} KB together; "
            f"this would be {len(after)} of {size} bytes.",
            hint="Delete one that nobody needs.",
        )


def _team(team: str) -> rows.TeamRow:
    row = rows.team_of(team)
    if row is None or row.deleted_at:
        raise not_found("team", team)
    return row


def _policies(row: rows.TeamRow) -> dict[str, Stored]:
    return dict(row.policies or {})


def _seen(name: str, given: Stored) -> PolicyOfTeam:
    try:
        text, words = cedar.as_cedar(name, given)
    except PolicyError as error:
        text, words = "", f"cannot be read any more, so it refuses: {error.detail}"
    return PolicyOfTeam(name, given, text, words)
