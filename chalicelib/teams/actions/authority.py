"""The one place that decides whether a caller may do something in a team.

`rules/decision.py` has the order of the questions; what is read for them is read here, in one
consistent batch, and the team's own policies are asked last. `simulate` asks the same functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.core import clock, ids
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Forbidden, NotFound, not_found
from chalicelib.core.table import find_mixed
from chalicelib.identity.rows import owner_of, user_of
from chalicelib.teams import rows
from chalicelib.teams.rules.conditions import environments_of
from chalicelib.teams.rules.decision import ABSENT, Decision, Resource, Standing, Step, judge
from chalicelib.teams.rules.roles import may


@dataclass(frozen=True)
class Granted:
    """What was asked, and what is known of who asked."""

    standing: Standing
    permission: str
    on: Resource


@dataclass(frozen=True)
class Membership:
    """A caller in a team, and the role by which they act."""

    team: str
    user: str
    role: str
    granted: Granted | None = field(default=None, compare=False, repr=False)

    def in_environment(self, environment: str) -> None:
        """Decide once more, now that the environment is known; nothing is read.

        `all`, or none, touches each of them, also those yet to be made. Raises Forbidden as
        `require` does.
        """
        if self.granted is None:
            raise ValueError("A membership that was not read decides nothing.")
        every = environment in {"", "all"}
        standing = self.granted.standing
        for name in environments_of(standing.policies) if every else (environment,):
            on = replace(self.granted.on, environment=name)
            decision = decide(standing, self.granted.permission, on)
            _raise(decision, not_found(on.kind, on.id))

    def allows(self, environment: str) -> bool:
        """Whether `in_environment` would pass: for lists, which leave out what it would not."""
        try:
            self.in_environment(environment)
        except Forbidden:
            return False
        return True


Key = tuple[type[Any], str, str]


def likely(actor: Actor, project: str = "") -> list[Key]:
    """Keys of what `require` needs to know about the caller in the team they most likely mean.

    Whoever reads something else first can read these rows along, and hand them to `require` in
    this order; with `project` the caller's role in that project too.
    """
    return _keys(actor, actor.team or actor.home, project)


def _keys(actor: Actor, team: str, project: str) -> list[Key]:
    keys: list[Key] = [
        (rows.TeamRow, f"TEAM#{team}", "META"),
        (rows.MemberRow, f"TEAM#{team}", f"MEMBER#{actor.user}"),
    ]
    if project:
        keys.append(rows.project_member_key(project, actor.user))
    return keys


def require(
    actor: Actor,
    team: str,
    permission: str,
    *,
    absent: NotFound | None = None,
    read: Sequence[Any] | None = None,
    on: Resource | None = None,
) -> Membership:
    """The caller's membership in a team, if it gives `permission` on `on`: one consistent read.

    None at all when `read` holds the rows of `likely`, which the caller has just read
    consistently, and they are of this team. `on` is the team itself by default.

    Raises NotFound when the caller is not in the team, exactly as if there were no such team;
    `absent` is what to raise instead when the caller asked for something of the team, such as a
    project. Raises Forbidden `missing_permission`, `missing_scope`, `team_suspended`,
    `mfa_required`, `sso_required`, `policy_denied` or `policy_failed` for a member who may not.
    """
    gone = absent or not_found("team", team)
    on = on or Resource("team", team)
    standing = standing_of(actor, team, on.within, permission, read)
    if standing is None:
        raise gone
    decision = decide(standing, permission, on)
    _raise(decision, gone)
    return Membership(team, actor.user, decision.role, Granted(standing, permission, on))


def decide(
    standing: Standing, permission: str, on: Resource, *, now: int | None = None
) -> Decision:
    """The decision, step by step; `now` in seconds since 1970."""
    found = judge(standing, permission, on)
    if not found.allowed or not standing.policies:
        return found
    if standing.role == "owner" and (permission.startswith("policy.") or permission == "team.read"):
        # whatever policies say, an owner can look at them and take them away
        return replace(found, steps=(*found.steps, Step("policies", True, _OWNERS_WAY)))
    from chalicelib.teams.actions import cedar

    steps, refusal = cedar.restrict(
        standing, found.role, permission, on, clock.epoch() if now is None else now
    )
    return Decision(found.role, (*found.steps, *steps), refusal)


_OWNERS_WAY = "Owners can always read the team and manage its policies."


def _raise(decision: Decision, gone: NotFound) -> None:
    refusal = decision.refusal
    if refusal is None:
        return
    if refusal.code == ABSENT:
        raise gone
    raise Forbidden(refusal.code, refusal.detail, hint=refusal.hint)


def standing_of(
    actor: Actor, team: str, project: str, permission: str, read: Sequence[Any] | None = None
) -> Standing | None:
    """Who a caller is in a team; None when there is no such team, or it is not theirs at all.

    Their role in the project is read only where that in the team does not give `permission`.
    """
    if actor.kind not in {"user", "api_key", "service", "deploy_key"}:
        return None
    if actor.team and actor.team != team:
        return None
    found: list[Any] = list(read or ())
    if not found or not isinstance(found[0], rows.TeamRow) or found[0].id != team:
        found = [*find_mixed(_keys(actor, team, project))]
    row, member, *rest = found
    if row is None or row.deleted_at:
        return None
    role = _role(actor, member)
    needed = project and actor.user and not may(role, permission)
    return Standing(
        actor,
        team,
        role=role,
        project_role=_project_role(actor, team, project, rest) if needed else "",
        status=row.status,
        mfa_required=bool(row.mfa_required),
        sso_enforced=bool(row.sso_enforced),
        policies=row.policies or {},
    )


def _role(actor: Actor, member: rows.MemberRow | None) -> str:
    if actor.kind == "service":
        return actor.role
    return str(member.role) if member is not None and actor.user else ""


def _project_role(actor: Actor, team: str, project: str, rest: list[Any]) -> str:
    """The caller's role in the project, if the project is this team's."""
    row = rest[0] if rest else rows.project_member_of(project, actor.user)
    return str(row.role) if row is not None and row.team == team else ""


def default_team(actor: Actor) -> str:
    """The id of the team that is meant when a request names none.

    A key's own team, or a person's personal team; which of the two was known when they signed in,
    so that this usually reads nothing.
    """
    team = actor.team or actor.home
    if not team:
        user = user_of(actor.user)
        team = user.home if user else ""
    if not team:
        raise not_found("team", "(default)")
    return team


def team_named(name: str) -> str:
    """A team's id from its id or slug; the given text when there is none, which `require` refuses.

    Not a decision: whoever calls this calls `require` with the answer.
    """
    if ids.is_id(name, "team"):
        return name
    return owner_of("team", name) or name


def is_theirs(actor: Actor, team: str) -> bool:
    """Whether somebody is in a team, or has a role in one of its projects. Decides nothing else."""
    if not actor.user or actor.team not in {"", team}:
        return False
    row, member = rows.team_and_member(team, actor.user)
    if row is None or row.deleted_at:
        return False
    return member is not None or next(rows.grants_of(team, actor.user), None) is not None


def authorise_team(actor: Actor, permission: str, scope: str, path: dict[str, str]) -> Membership:
    """Decide about routes whose path names a team."""
    name = path[scope]
    return require(actor, team_named(name), permission, absent=not_found("team", name))


def require_named(actor: Actor, team: str | None, permission: str) -> Membership:
    """The same for a team that a request names by id or slug; None means the default team."""
    if team is None:
        return require(actor, default_team(actor), permission)
    return require(actor, team_named(team), permission, absent=not_found("team", team))
