"""Who may see a site: everybody, whoever knows a password, or the members of its team.

What the edge needs stands in the project's row and goes out with its route: scope, mode, a key that
tokens are signed with, and the share links that were taken back. A new password, or another mode,
makes a new key, so nobody stays in by an old one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from chalicelib.core.errors import Conflict, Invalid
from chalicelib.identity.actions.users import hash_password
from chalicelib.projects.actions import telling
from chalicelib.projects.rows import Project
from chalicelib.protection.rules.lifetimes import REVOKED_MAX, check_password

Scope = Literal["previews", "all"]
Mode = Literal["password", "team"]
TRIES = 8


@dataclass(frozen=True)
class Wanted:
    """What a person wants; the password stays as it is when none is given."""

    scope: Scope
    mode: Mode
    password: str | None = None


def protect(project: Project, wanted: Wanted) -> None:
    """Protect a site, or change how. The edge asks for it within seconds.

    Raises Invalid when a password is needed, or no good.
    """
    for _ in range(TRIES):
        access = _changed(dict(project.access or {}), wanted)
        if project.access == access:
            telling.announce(project.id)
            return
        if telling.change(project, [Project.access.set(access)]):
            return
    raise _busy()


def open_up(project: Project) -> None:
    """Let everybody see a site again; its share links open nothing more than anybody's."""
    for _ in range(TRIES):
        if not project.access:
            return
        if telling.change(project, [Project.access.remove()]):
            return
    raise _busy()


def revoke(project: Project, share: str, still: set[str]) -> bool:
    """Have the edge refuse a share link. `still` are the links that have not ended by themselves.

    False when so many were taken back that the edge has no room for one more: then a new key has
    to end them all, see `renew`.
    """
    for _ in range(TRIES):
        access = dict(project.access or {})
        if not access:
            return True
        revoked = sorted({*(set(access.get("revoked") or ()) & still), share})
        if len(revoked) > REVOKED_MAX:
            return False
        if telling.change(project, [Project.access.set({**access, "revoked": revoked})]):
            return True
    raise _busy()


def renew(project: Project) -> None:
    """A new key: every cookie and every share link that was given out ends now."""
    for _ in range(TRIES):
        access = dict(project.access or {})
        if not access:
            return
        access |= {"key": secrets.token_hex(32), "revoked": []}
        if telling.change(project, [Project.access.set(access)]):
            return
    raise _busy()


def _changed(now: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    """The row's `access` after a change; the same key as long as the same people may come in."""
    access: dict[str, Any] = {"scope": wanted.scope, "mode": wanted.mode}
    same = now.get("mode") == wanted.mode and wanted.password is None
    access["key"] = now["key"] if same else secrets.token_hex(32)
    access["revoked"] = now.get("revoked") or [] if same else []
    if wanted.mode == "password":
        access["password"] = now.get("password") if same else _hashed(wanted.password)
    return access


def _hashed(password: str | None) -> str:
    if password is None:
        raise Invalid(
            "password_needed",
            "A site that is protected by a password needs one.",
            hint="Send `password`; `deck protect set --mode password` asks for it.",
        )
    try:
        return hash_password(check_password(password))
    except ValueError as error:
        raise Invalid("password_weak", str(error), hint="Choose another one.") from error


def _busy() -> Conflict:
    return Conflict("project_busy", "The project is being changed by others.", hint="Try again.")
