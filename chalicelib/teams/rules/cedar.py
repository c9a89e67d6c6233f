"""Policies as Cedar (cedarpolicy.com): our schema, the role table, and what a policy compiles to.

A role permits, a policy forbids. Time of day is local to a zone, which Cedar does not know: each
`Zone` is an entity with its weekday and minute at the moment of the request.
"""

from __future__ import annotations

import json

from chalicelib.teams.rules.conditions import DAY_MINUTES, DAYS, Conditions, Proof, Window
from chalicelib.teams.rules.decision import DEPLOY_KEY
from chalicelib.teams.rules.keys import DEPLOY_SCOPES
from chalicelib.teams.rules.policies import Policy, kinds_asked
from chalicelib.teams.rules.roles import PERMISSIONS, SCOPES

ENTITY = {"team": "Team", "project": "Project", "deployment": "Deployment", "upload": "Upload"}
"""Kinds of resources and their entity types."""


_CONTEXT = (
    "type Request = { kind: String, mfa: Bool, mfa_age?: Long, sso: Bool, ip?: ipaddr, "
    "environment?: String, time: datetime };"
)


def schema() -> str:
    """What a raw policy may speak of, in Cedar's own schema language."""
    lines = [
        "entity Role, Team;",
        "entity Person in [Role];",
        "entity Key in [Role, Person];",
        "entity Project in [Team];",
        "entity Deployment, Upload in [Project];",
        "entity Zone = { weekday: String, yesterday: String, minute: Long };",
        _CONTEXT,
        'action "*";',
    ]
    subjects = sorted({permission.partition(".")[0] for permission in SCOPES})
    lines += [f'action "{subject}.*" in ["*"];' for subject in subjects]
    for permission in sorted(SCOPES):
        kinds = ", ".join(ENTITY[kind] for kind in kinds_asked(permission))
        lines.append(
            f'action "{permission}" in ["{permission.partition(".")[0]}.*"] appliesTo '
            f"{{ principal: [Person, Key], resource: [{kinds}], context: Request }};"
        )
    return "\n".join(lines) + "\n"


def role_table() -> list[str]:
    """The role table as Cedar, a policy for each role."""
    table = {**PERMISSIONS, DEPLOY_KEY: DEPLOY_SCOPES}
    return [
        f"permit (principal in {_entity('Role', role)}, "
        f"action in [{_actions(sorted(permissions))}], resource);"
        for role, permissions in table.items()
    ]


def compiled(policy: Policy) -> str:
    """A policy as Cedar: one `forbid`, which can widen nothing."""
    action = f"action in [{_actions(policy.actions)}]" if policy.actions else "action"
    clauses = [f"when {{ {part} }}" for part in _matching(policy)]
    denies = policy.effect == "deny"
    held = _held(policy.conditions, unknown_address=denies)
    if held:
        clauses.append(f"{'when' if denies else 'unless'} {{ {held} }}")
    head = f"@id({_quoted(policy.name)})\nforbid (principal, {action}, resource)"
    return "\n".join([head, *clauses]) + ";"


def _matching(policy: Policy) -> list[str]:
    parts = []
    if policy.roles:
        roles = ", ".join(_entity("Role", role) for role in policy.roles)
        parts.append(f"principal in [{roles}]")
    if policy.resources:
        parts.append(" || ".join(_resource(text) for text in policy.resources))
    if policy.conditions.environment:
        # a request whose environment is not known yet is asked again once it is
        parts.append("context has environment")
    return parts


def _resource(text: str) -> str:
    kind, _, identifier = text.partition(":")
    if identifier:
        return f"resource in {_entity(ENTITY[kind], identifier)}"
    if kind == "project":
        return " || ".join(f"resource is {ENTITY[k]}" for k in ("project", "deployment", "upload"))
    return f"resource is {ENTITY[kind]}"


def _held(conditions: Conditions, unknown_address: bool) -> str:
    parts = []
    if conditions.environment:
        names = ", ".join(_quoted(name) for name in conditions.environment)
        parts.append(f"(context has environment && [{names}].contains(context.environment))")
    if conditions.time:
        parts.append(f"({_within(conditions.time)})")
    if conditions.network:
        inside = " || ".join(f"context.ip.isInRange(ip({_quoted(c)}))" for c in conditions.network)
        # an address that is not known counts as the one that is refused
        unknown = str(unknown_address).lower()
        parts.append(f"(if context has ip then ({inside}) else {unknown})")
    if conditions.mfa:
        parts.append(_proved(conditions.mfa))
    return " && ".join(parts)


def _within(window: Window) -> str:
    zone = _entity("Zone", window.timezone)
    days = ", ".join(_quoted(day) for day in window.days)
    today = f"[{days}].contains({zone}.weekday)"
    if window.end > window.start:
        if (window.start, window.end) == (0, DAY_MINUTES):
            return today
        inside = f"{zone}.minute >= {window.start} && {zone}.minute < {window.end}"
        return inside if window.days == DAYS else f"{today} && {inside}"
    yesterday = f"[{days}].contains({zone}.yesterday)"
    return (
        f"({today} && {zone}.minute >= {window.start}) || "
        f"({yesterday} && {zone}.minute < {window.end})"
    )


def _proved(proof: Proof) -> str:
    held = "context.mfa"
    if proof.max_age_minutes is not None:
        held = f"(context has mfa_age && context.mfa_age <= {proof.max_age_minutes * 60})"
    return held if proof.required else f"!{held}"


def _entity(kind: str, identifier: str) -> str:
    return f"{kind}::{_quoted(identifier)}"


def _actions(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(_entity("Action", name) for name in names)


def _quoted(text: str) -> str:
    """A string literal: everything that gets here is plain ASCII, checked where it came in."""
    return json.dumps(text)
