"""May somebody do something, and why: the same decision as a request gets, told step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import FieldError, Invalid, not_found
from chalicelib.identity.actions import actor_of_key, user_by_email
from chalicelib.identity.rows import UserRow, api_key_by_id, user_of
from chalicelib.teams.actions.authority import (
    decide,
    default_team,
    require,
    standing_of,
    team_named,
)
from chalicelib.teams.actions.policies import check_policy
from chalicelib.teams.actions.resources import locate
from chalicelib.teams.rules.conditions import address_of
from chalicelib.teams.rules.decision import Decision, Denial, Step
from chalicelib.teams.rules.policies import always_in
from chalicelib.teams.rules.roles import SCOPES

ME = "me"


@dataclass(frozen=True)
class Question:
    """Who wants to do what, in which context, and under which policies beside those there are."""

    who: str
    action: str
    resource: str
    context: Mapping[str, Any]
    drafts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def simulate(actor: Actor, team: str | None, question: Question) -> Decision:
    """The decision that a request of somebody in a team would get.

    Raises NotFound for a team, a resource, or somebody who is not in the team, whether or not
    they exist elsewhere. Context that is not given: now, from an unknown address, with a second
    factor if the person has one, signed in as the team asks; for `me` as this very request.
    """
    named = default_team(actor) if team is None else team_named(team)
    absent = not_found("team", team) if team is not None else None
    asking = require(actor, named, "policy.read", absent=absent)
    if question.action not in SCOPES:
        raise _unclear("/action", f"There is no action {question.action[:60]!r}.", "unknown_action")
    on = locate(asking.team, question.resource or "team")
    now = _moment(question.context.get("at"))
    drafts = {n: check_policy(asking.team, n, draft) for n, draft in question.drafts.items()}
    who, active = _who(actor, asking.team, question, now)
    standing = standing_of(who, asking.team, on.within, question.action)
    if standing is None or not (standing.role or standing.project_role or who.is_key):
        raise not_found("member", question.who)
    if drafts:
        standing = replace(standing, policies={**standing.policies, **drafts})
    if not active:
        refusal = Denial("account_suspended", "The account is not active: nobody can use it.")
        return Decision(standing.role, (Step("account", False, refusal.detail),), refusal)
    decision = decide(standing, question.action, on, now=now)
    environment = question.context.get("environment") or always_in(question.action)
    if environment and decision.allowed:
        here = replace(on, environment=str(environment))
        decision = decide(standing, question.action, here, now=now)
    return decision


def _who(asking: Actor, team: str, question: Question, now: int) -> tuple[Actor, bool]:
    """The one whom the question is about, and whether their account is active."""
    who, context = question.who, question.context
    if who in {ME, asking.id}:
        return _placed(asking, team, context, now), True
    if ids.is_id(who, "key"):
        row = api_key_by_id(who)
        expired = row is not None and row.expires_at is not None and row.expires_at < now
        if row is None or row.team != team or row.revoked_at is not None or expired:
            raise not_found("member", who)
        owner = user_of(row.user) if row.user else None
        active = not row.user or (owner is not None and owner.status == "active")
        return _placed(actor_of_key(row), team, context, now), active
    person: UserRow | None = user_of(who) if ids.is_id(who, "usr") else user_by_email(who)
    if person is None:
        raise not_found("member", who)
    actor = Actor(
        kind="user",
        id=person.id,
        user=person.id,
        home=person.home,
        mfa_at=now if person.factors else 0,
        sso=team,
    )
    return _placed(actor, team, context, now), person.status == "active"


def _placed(actor: Actor, team: str, context: Mapping[str, Any], now: int) -> Actor:
    """The caller as the context has them."""
    changes: dict[str, Any] = {}
    if context.get("ip"):
        if address_of(str(context["ip"])) is None:
            raise _unclear("/context/ip", f"{str(context['ip'])[:60]!r} is no address.")
        changes["ip"] = str(context["ip"])
    if not actor.is_key:
        age = context.get("mfa_age_minutes")
        if context.get("mfa") is not None or age is not None:
            given = context.get("mfa") is not False
            changes["mfa_at"] = now - int(age or 0) * 60 if given else 0
        if context.get("sso") is not None:
            changes["sso"] = team if context["sso"] else ""
    return replace(actor, **changes)


def _moment(given: Any) -> int:
    """Seconds since 1970; now when nothing is given."""
    if not given:
        return clock.epoch()
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError:
        found = None
    if found is None or not 1971 <= found.year <= 2999:
        raise _unclear(
            "/context/at", f"{str(given)[:40]!r} is no time such as 2026-11-20T15:00+01:00."
        )
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def _unclear(pointer: str, detail: str, code: str = "invalid_request") -> Invalid:
    return Invalid(
        code,
        detail,
        hint="Actions are permissions, such as deployment.promote." if "action" in code else "",
        errors=(FieldError(pointer, detail, code),),
    )
