"""May somebody do something in a team? Every rule but the team's own policies, without a database.

In this order: is the caller anybody there, does their role allow it, does their key's scope, is the
team suspended, does it ask for a second factor, for its own identity provider. The first "no"
ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.core.actor import Actor
from chalicelib.teams.rules.keys import DEPLOY_SCOPES
from chalicelib.teams.rules.roles import may

GUEST = "guest"
"""Somebody who is in one project of a team, and not in the team; a role in policies only."""
DEPLOY_KEY = "deploy_key"
"""The role of a deploy key; in policies only."""

PROJECT_SUBJECTS = frozenset(
    {"project", "deployment", "upload", "env", "environment", "hook", "git", "domain", "member"}
    | {"release", "site"}
)
"""What a role in one project is about. Everything else belongs to the whole team."""

ABSENT = "absent"
"""Code of the refusal that looks as if there were nothing."""


@dataclass(frozen=True)
class Resource:
    """What is to be touched; `environment` where it is known, `project` for what lies in one."""

    kind: str
    id: str
    environment: str = ""
    project: str = ""

    @property
    def within(self) -> str:
        """The id of the project that it is or lies in; empty for the team's own things."""
        return self.id if self.kind == "project" else self.project


@dataclass(frozen=True)
class Standing:
    """Who a caller is in a team, as read at one moment."""

    actor: Actor
    team: str
    role: str = ""
    """In the team; a service token's own."""
    project_role: str = ""
    status: str = "active"
    mfa_required: bool = False
    sso_enforced: bool = False
    policies: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One thing that was looked at: its name, whether it lets the caller pass, and a sentence."""

    name: str
    allowed: bool
    detail: str


@dataclass(frozen=True)
class Denial:
    """Why not: a code for programs, a sentence and a hint for people."""

    code: str
    detail: str
    hint: str = ""


@dataclass(frozen=True)
class Decision:
    """Yes or no, by which role, and every step on the way."""

    role: str
    steps: tuple[Step, ...]
    refusal: Denial | None = None

    @property
    def allowed(self) -> bool:
        """Whether every step said yes."""
        return self.refusal is None


def judge(standing: Standing, permission: str, on: Resource) -> Decision:
    """The decision by role, scope and what the team asks of sessions; policies come after it."""
    role, first = acting_role(standing, permission, on)
    steps: list[Step] = []
    for name, refusal, passed in (
        ("role", first, f"As {role} this is allowed."),
        ("scope", _scope(standing.actor, permission), _scope_words(standing.actor)),
        ("team", _suspension(standing, permission), "The team is active, or this only reads."),
        ("mfa", _mfa(standing), _mfa_words(standing)),
        ("sso", _sso(standing, permission), _sso_words(standing)),
    ):
        if refusal is not None:
            steps.append(Step(name, False, refusal.detail))
            return Decision(role, tuple(steps), refusal)
        steps.append(Step(name, True, passed))
    return Decision(role, tuple(steps))


def acting_role(standing: Standing, permission: str, on: Resource) -> tuple[str, Denial | None]:
    """By which role the caller acts: that in the team if it is enough, else that in the project."""
    actor = standing.actor
    role, allowed = standing.role, may(standing.role, permission)
    if actor.kind == "deploy_key":
        role, allowed = DEPLOY_KEY, permission in DEPLOY_SCOPES
    elif not allowed and standing.project_role and on.within:
        allowed = _in_project(permission) and may(standing.project_role, permission)
        role = standing.project_role if allowed or not role else role
    if not role or not _reaches(actor, standing.team, on):
        return "", Denial(ABSENT, "The caller is not in this team.")
    return role, None if allowed else _missing(role, permission)


def _reaches(actor: Actor, team: str, on: Resource) -> bool:
    """Whether a key is for this team and this project; people's sessions are for all of theirs."""
    if actor.kind == "deploy_key" and not actor.project:
        return False
    return actor.team in {"", team} and actor.project in {"", on.within}


def _in_project(permission: str) -> bool:
    subject, _, verb = permission.partition(".")
    return subject in PROJECT_SUBJECTS and (subject, verb) != ("project", "create")


def _missing(role: str, permission: str) -> Denial:
    if role == DEPLOY_KEY:
        return Denial(
            "missing_permission",
            f"A deploy key does not have the permission {permission!r}.",
            "It deploys one project; use another key.",
        )
    return Denial(
        "missing_permission",
        f"Your role {role!r} does not have the permission {permission!r}.",
        "Ask an owner or admin of the team.",
    )


def _scope(actor: Actor, permission: str) -> Denial | None:
    if not actor.scopes or permission in actor.scopes:
        return None
    return Denial(
        "missing_scope",
        f"This key does not have the scope {permission!r}.",
        "Make a key with that scope, or use another one.",
    )


def _scope_words(actor: Actor) -> str:
    return "The key has this scope." if actor.scopes else "No scope narrows it."


def _suspension(standing: Standing, permission: str) -> Denial | None:
    if standing.status == "active" or permission.endswith(".read"):
        return None
    return Denial(
        "team_suspended",
        "This team is suspended: everything is there to be read, and nothing can be changed.",
        "Ask whoever runs this installation.",
    )


def _mfa(standing: Standing) -> Denial | None:
    """Only sessions: a key was made by somebody who had proved who they are."""
    if not standing.mfa_required or standing.actor.is_key:
        return None
    if standing.actor.mfa_for(standing.team):
        return None
    return Denial(
        "mfa_required",
        "This team asks for a second factor, and this session was signed in without one.",
        "`deck mfa totp` sets one up; then sign in again.",
    )


def _mfa_words(standing: Standing) -> str:
    if not standing.mfa_required:
        return "The team asks for no second factor."
    if standing.actor.is_key:
        return "The team asks sessions for a second factor; this is a key."
    return "The session was signed in with a second factor."


def _sso(standing: Standing, permission: str) -> Denial | None:
    """Members' sessions only.

    A guest is not in the directory that the team's identity provider knows. An owner may come in
    another way to look at the team and its single sign-on, not to change either: else their
    password would open what single sign-on guards.
    """
    actor = standing.actor
    if not standing.sso_enforced or actor.is_key or actor.sso == standing.team:
        return None
    if not standing.role:
        return None
    if standing.role == "owner" and permission in {"team.read", "sso.read"}:
        return None
    return Denial(
        "sso_required",
        "This team lets its members in through its own identity provider only.",
        "Sign in with single sign-on: `deck login --sso <your e-mail>`.",
    )


def _sso_words(standing: Standing) -> str:
    if not standing.sso_enforced:
        return "The team does not insist on its identity provider."
    if standing.actor.is_key:
        return "The team's identity provider is for sessions; this is a key."
    if standing.actor.sso == standing.team:
        return "The team's identity provider signed the session in."
    return "Guests, and owners who only look, need not use the team's identity provider."
