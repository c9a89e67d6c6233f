"""Policies of a team: what a role permits, they restrict. They can never permit.

`deny` forbids what matches when all its conditions hold; `allow_only` forbids what matches unless
they hold. What matches: the role by which the caller acts, the action, the resource.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.teams.rules.conditions import Conditions, PolicyError, conditions_of
from chalicelib.teams.rules.decision import DEPLOY_KEY, GUEST
from chalicelib.teams.rules.roles import ROLES, SCOPES

EFFECTS = ("deny", "allow_only")
POLICY_ROLES = (*ROLES, GUEST, DEPLOY_KEY)
KINDS = ("team", "project", "deployment", "upload")
"""Kinds of resources, from the outside in."""
MAX_POLICIES = 20
MAX_BYTES = 16 * 1024
MAX_NAMED = 20
"""Resources or actions that one policy may name."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?\Z")
_RESOURCE = re.compile(r"([a-z]+)(?::([A-Za-z0-9_-]{1,100}))?\Z")

_ASKED_OF: dict[str, tuple[str, ...]] = {
    "project.create": ("team",),
    "project.read": ("team", "project"),
    "project": ("project",),
    "env": ("project",),
    "environment": ("project",),
    "hook": ("project",),
    "deployment.read": ("team", "project", "deployment", "upload"),
    "deployment": ("project", "deployment", "upload"),
    "upload": ("project", "upload"),
    "release": ("project", "deployment"),
    "site": ("project",),
    "member": ("team", "project"),
    "key": ("team", "project"),
    "domain": ("team", "project"),
    "git": ("team", "project"),
    "usage": ("team", "project"),
}
_WITH_ENVIRONMENT = ("env.", "deployment.", "release.")
_PRODUCTION = frozenset({"deployment.promote", "release.approve", "release.lock"})
ALWAYS = Conditions()


def kinds_asked(permission: str) -> tuple[str, ...]:
    """Of which kinds of resources a permission is asked; the team's own things by default."""
    return _ASKED_OF.get(permission) or _ASKED_OF.get(permission.partition(".")[0]) or ("team",)


def has_environment(permission: str) -> bool:
    """Whether the environment of a request for this permission is ever known."""
    return permission.startswith(_WITH_ENVIRONMENT)


def always_in(permission: str) -> str:
    """The environment that a permission is about whoever asks; empty when it depends."""
    return "production" if permission in _PRODUCTION else ""


@dataclass(frozen=True)
class Policy:
    """A policy that was checked; empty `roles`, `resources` or `actions` mean all."""

    name: str
    effect: str
    roles: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    conditions: Conditions = ALWAYS

    def words(self) -> str:
        """What it says, for people."""
        who = " or ".join(self.roles)
        what = ", ".join(self.actions) or "everything"
        where = f" on {', '.join(self.resources)}" if self.resources else ""
        when = self.conditions.words()
        if self.effect == "deny":
            said = f"{who} may not" if who else "nobody may"
        else:
            said = f"{who or 'everybody'} may only"
        tail = f" {when}" if when else ""
        return f"{said} {what}{where}{tail}"


def check_policy_name(name: str) -> str:
    """A policy's name; raises PolicyError with the rule."""
    if not _NAME.match(name):
        raise PolicyError("/name", "A policy's name has 1 to 50 of a-z, 0-9 and '-'.")
    return name


def policy_of(name: str, given: Mapping[str, Any]) -> Policy:
    """A policy from JSON; raises PolicyError for what is wrong, or can never have an effect."""
    effect = str(given.get("effect") or "")
    if effect not in EFFECTS:
        raise PolicyError("/effect", f"An effect is one of {', '.join(EFFECTS)}.")
    policy = Policy(
        name=name,
        effect=effect,
        roles=_roles(given.get("roles") or ()),
        resources=_resources(given.get("resources") or ()),
        actions=_actions(given.get("actions") or ()),
        conditions=conditions_of(given.get("conditions")),
    )
    if effect == "allow_only" and policy.conditions == ALWAYS:
        raise PolicyError(
            "/conditions",
            "`allow_only` needs a condition: it forbids what does not meet it. To keep a role "
            "from something altogether, deny it.",
        )
    _check_effect(policy)
    return policy


def _roles(given: Any) -> tuple[str, ...]:
    for role in given:
        if role not in POLICY_ROLES:
            raise PolicyError("/roles", f"{str(role)[:40]!r} is none of {', '.join(POLICY_ROLES)}.")
    return tuple(dict.fromkeys(given))


def _resources(given: Any) -> tuple[str, ...]:
    if len(given) > MAX_NAMED:
        raise PolicyError("/resources", f"Name at most {MAX_NAMED} resources.")
    for number, text in enumerate(given):
        found = _RESOURCE.match(text)
        if found is None or found[1] not in KINDS or (found[1] == "team" and found[2]):
            raise PolicyError(
                f"/resources/{number}",
                f"{str(text)[:60]!r} is no resource: `team`, or one of "
                f"{', '.join(KINDS[1:])}, alone or with `:<id>`.",
            )
    return tuple(dict.fromkeys(given))


def _actions(given: Any) -> tuple[str, ...]:
    if len(given) > MAX_NAMED:
        raise PolicyError("/actions", f"Name at most {MAX_NAMED} actions.")
    for number, action in enumerate(given):
        if not permissions_of(action):
            raise PolicyError(
                f"/actions/{number}",
                f"There is no action {str(action)[:60]!r}; actions are permissions such as "
                "deployment.promote, `deployment.*`, or `*`.",
            )
    return tuple(dict.fromkeys(given))


def permissions_of(action: str) -> frozenset[str]:
    """The permissions that an action of a policy means; none for an unknown one."""
    if action == "*":
        return SCOPES
    if action.endswith(".*"):
        return frozenset(p for p in SCOPES if p.startswith(action[:-1]))
    return SCOPES & {action}


def _check_effect(policy: Policy) -> None:
    """Raise PolicyError for a policy that looks as if it protected something, and never would."""
    for number, action in enumerate(policy.actions):
        pointer, meant = f"/actions/{number}", permissions_of(action)
        if policy.conditions.environment and not any(map(has_environment, meant)):
            raise PolicyError(
                pointer,
                f"{action} has no environment, so this policy would never match it; "
                "env.*, deployment.* and release.* have one.",
                "policy_matches_nothing",
            )
        asked = {kind for permission in meant for kind in kinds_asked(permission)}
        if policy.resources and not any(asked & covered(text) for text in policy.resources):
            raise PolicyError(
                pointer,
                f"{action} is asked of {' or '.join(sorted(asked))}, so this policy would never "
                "match it.",
                "policy_matches_nothing",
            )


def covered(resource: str) -> frozenset[str]:
    """Kinds of resources that a resource of a policy covers: a project has everything in it."""
    kind = resource.partition(":")[0]
    return frozenset(KINDS[1:]) if kind == "project" else frozenset({kind})
