"""API keys of a team: who may make, see and delete them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chalicelib.core.actor import Actor
from chalicelib.core.errors import FieldError, Forbidden, Invalid, not_found
from chalicelib.identity.actions import issue_key, revoke_key
from chalicelib.identity.rows import ApiKeyRow, api_key_by_id, api_keys_of
from chalicelib.teams.actions.authority import default_team, require, team_named
from chalicelib.teams.rules import SCOPES, may


def create_key(
    actor: Actor, team: str | None, name: str, scopes: Iterable[str], expires_in_days: int | None
) -> tuple[ApiKeyRow, str]:
    """A new key of the caller for one team: its row and its secret.

    A key cannot make keys: a leaked one must not outlive its own deletion.
    """
    if actor.kind == "api_key":
        raise Forbidden(
            "session_required",
            "An API key cannot make API keys.",
            hint="Sign in with a password (POST /v1/auth/login) and use that token.",
        )
    unknown = sorted(set(scopes) - SCOPES)
    if unknown:
        raise Invalid(
            "unknown_scope",
            f"There is no scope {unknown[0][:60]!r}.",
            hint=f"Scopes are: {', '.join(sorted(SCOPES))}.",
            errors=tuple(FieldError("/scopes", f"unknown scope {s[:60]!r}") for s in unknown),
        )
    member = require(actor, _team(actor, team), "key.create", absent=_absent(team))
    return issue_key(actor.user, member.team, name, scopes, expires_in_days)


def list_keys(actor: Actor, team: str | None, **at: Any) -> Any:
    """The keys of a team that the caller may see: all of them, or only their own."""
    member = require(actor, _team(actor, team), "key.read", absent=_absent(team))
    found = api_keys_of(member.team, **at)
    if not may(member.role, "key.manage"):
        return _Own(found, actor.user)
    return found


def delete_key(actor: Actor, identifier: str) -> None:
    """End a key: one's own, or with `key.manage` anybody's of the team."""
    absent = not_found("key", identifier)
    row = api_key_by_id(identifier)
    if row is None or row.revoked_at is not None:
        raise absent
    permission = "key.delete" if row.user == actor.user else "key.manage"
    require(actor, row.team, permission, absent=absent)
    revoke_key(row)


class _Own:
    """The part of a page of keys that belongs to one user."""

    def __init__(self, found: Any, user: str) -> None:
        self._found = found
        self._user = user

    def __iter__(self) -> Any:
        return (row for row in self._found if row.user == self._user)

    @property
    def last_evaluated_key(self) -> Any:
        """Where the whole page ended."""
        return self._found.last_evaluated_key


def _team(actor: Actor, team: str | None) -> str:
    return default_team(actor) if team is None else team_named(team)


def _absent(team: str | None) -> Any:
    return not_found("team", team) if team is not None else None
