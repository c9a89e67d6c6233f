"""Keys of a team: who may make, see and delete them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from chalicelib.core import stepup
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, FieldError, Invalid, not_found
from chalicelib.core.paging import Part
from chalicelib.identity.actions import Wish, issue_key, revoke_key
from chalicelib.identity.rows import ApiKeyRow, api_key_by_id, api_keys_of
from chalicelib.teams.actions.authority import require, require_named
from chalicelib.teams.actions.members import check_gift
from chalicelib.teams.rules import INSTALLATION, SCOPES, may
from chalicelib.teams.rules.keys import DEPLOY_SCOPES
from chalicelib.teams.rules.roles import check_role

MOST_KEYS = 200
"""Keys that one person may have made in one team: each is counted by itself."""


class KeyWanted(Protocol):
    """What somebody asks for who makes a key."""

    name: str
    team: str | None
    kind: Any
    role: str | None
    scopes: list[str]
    expires_in_days: int | None
    rate_per_minute: int | None


def create_key(actor: Actor, wanted: KeyWanted) -> tuple[ApiKeyRow, str]:
    """A new key for one team: its row and its secret.

    An `api_key` acts for the caller. A `service` token acts for the team with a role of its own,
    which is not above the caller's, and stays when the caller leaves. Raises Conflict
    `too_many_keys`.
    """
    # a leaked one must not outlive its own deletion
    stepup.require_person(actor, "make keys")
    _check_scopes(wanted.scopes)
    service = wanted.kind == "service"
    member = require_named(actor, wanted.team, "key.manage" if service else "key.create")
    role = ""
    if service:
        role = check_role(wanted.role or "")
        check_gift(member, role)
    _check_room(member.team, actor.user)
    return issue_key(
        Wish(
            team=member.team,
            name=wanted.name,
            created_by=actor.user,
            kind=wanted.kind,
            user="" if service else actor.user,
            role=role,
            scopes=frozenset(wanted.scopes),
            expires_in_days=wanted.expires_in_days,
            rate_per_minute=wanted.rate_per_minute or 0,
        )
    )


def create_deploy_key(
    actor: Actor,
    team: str,
    project: str,
    slug: str,
    *,
    name: str,
    expires_in_days: int | None,
    rate_per_minute: int | None,
) -> tuple[ApiKeyRow, str]:
    """A new key that deploys the project of this id and slug, also by git, and nothing else.

    The caller was authorised for `key.manage` on the project.
    """
    # a leaked one must not outlive its own deletion
    stepup.require_person(actor, "make keys")
    _check_room(team, actor.user)
    return issue_key(
        Wish(
            team=team,
            name=name,
            created_by=actor.user,
            kind="deploy_key",
            project=project,
            project_slug=slug,
            scopes=DEPLOY_SCOPES,
            expires_in_days=expires_in_days,
            rate_per_minute=rate_per_minute or 0,
        )
    )


def list_keys(actor: Actor, team: str | None, **at: Any) -> Any:
    """The keys of a team that the caller may see: all of them, or only their own."""
    member = require_named(actor, team, "key.read")
    found = api_keys_of(member.team, **at)
    if not may(member.role, "key.manage"):
        return Part(found, lambda row: _is_own(actor, row))
    return found


def list_deploy_keys(team: str, project: str, **at: Any) -> Any:
    """The deploy keys of a project. The caller was authorised."""
    return Part(api_keys_of(team, **at), lambda row: row.project == project)


def delete_key(actor: Actor, identifier: str) -> ApiKeyRow:
    """End a key: one's own, or with `key.manage` anybody's of the team."""
    absent = not_found("key", identifier)
    row = api_key_by_id(identifier)
    if row is None or row.revoked_at is not None:
        raise absent
    permission = "key.delete" if _is_own(actor, row) else "key.manage"
    require(actor, row.team, permission, absent=absent)
    revoke_key(row)
    return row


def delete_deploy_key(project: str, identifier: str) -> ApiKeyRow:
    """End a deploy key of a project. The caller was authorised."""
    row = api_key_by_id(identifier)
    if row is None or row.revoked_at is not None or row.project != project:
        raise not_found("deploy_key", identifier)
    revoke_key(row)
    return row


def _is_own(actor: Actor, row: ApiKeyRow) -> bool:
    return bool(actor.user) and row.user == actor.user


def _check_room(team: str, user: str) -> None:
    if sum(1 for row in api_keys_of(team) if user in {row.created_by, row.user}) >= MOST_KEYS:
        raise Conflict(
            "too_many_keys",
            f"You have {MOST_KEYS} keys in this team, and nobody has more.",
            hint="Delete those that nobody uses: `deck keys` lists them with their last use.",
        )


def _check_scopes(scopes: Iterable[str]) -> None:
    known = SCOPES | INSTALLATION
    unknown = sorted(set(scopes) - known)
    if unknown:
        raise Invalid(
            "unknown_scope",
            f"There is no scope {unknown[0][:60]!r}.",
            hint=f"Scopes are: {', '.join(sorted(known))}.",
            errors=tuple(FieldError("/scopes", f"unknown scope {s[:60]!r}") for s in unknown),
        )
