"""Letting people in: by the password of a site, or because they are of its team.

Whoever is let in is sent to the host that they came from, with a token that the edge turns into a
cookie of that host. It is good for half a day, and until the password or the mode changes.
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.buckets import Buckets
from chalicelib.core.errors import Conflict, NotFound, TooMany
from chalicelib.edge.rules import access as edge
from chalicelib.projects import actions as projects
from chalicelib.projects.rows import Project
from chalicelib.protection.actions import hosts
from chalicelib.protection.rules.lifetimes import PASSWORD_MOST, STAY_SECONDS

GUESSES = Buckets("site_password", a_minute=20, at_once=20)
"""Guesses at the password of one site, wherever they come from."""


def by_password(slug: str, host: str, to: str, password: str) -> str:
    """Where somebody who typed a password goes on: the edge tells who had the wrong one.

    Raises NotFound for a host that is no protected site's of this name, TooMany, Unavailable.
    """
    project = hosts.project_of(host)
    kept: dict[str, Any] = dict(project.access or {}) if project is not None else {}
    if project is None or project.slug != slug or kept.get("mode") != "password":
        raise NotFound(
            "site_not_found",
            "There is no site at this address that a password opens.",
            hint="Open the site again: perhaps it asks for something else now.",
        )
    _count(project.id)
    if not _is(str(kept["password"]), password):
        return _address(host, "wrong", to)
    return _door(project, kept["key"], "p", host, to)


def by_membership(actor: Actor, host: str, to: str) -> str:
    """Where a member of the site's team goes on; NotFound for everybody else."""
    found = hosts.project_of(host)
    absent = NotFound(
        "site_not_found",
        "There is no protected site at this address that your account may see.",
        hint="Ask a member of its team for a share link, or sign in with another account.",
    )
    if found is None:
        raise absent
    try:
        project = projects.permitted(actor, found.id, "deployment.read")
    except NotFound:
        raise absent from None
    kept: dict[str, Any] = dict(project.access or {})
    if not kept:
        raise Conflict(
            "not_protected", "Everybody may see this site.", hint="Open its address again."
        )
    return _door(project, kept["key"], "t", host, to)


def link(project: Project, share: str, host: str, to: str, expires: int) -> str:
    """The address that a share link is."""
    kept: dict[str, Any] = dict(project.access or {})
    token = edge.token(kept["key"], project.slug, "s", share, expires)
    return _address(host, token, to)


def _door(project: Project, key: str, kind: edge.Kind, host: str, to: str) -> str:
    expires = clock.now_ms() // 1000 + STAY_SECONDS
    token = edge.token(key, project.slug, kind, secrets.token_hex(8), expires)
    return _address(host, token, to)


def _address(host: str, token: str, to: str) -> str:
    query = urlencode({"token": token, "to": edge.destination(to)})
    return f"{hosts.address(host)}{edge.PATH}?{query}"


def _is(stored: str, password: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(stored, password[: PASSWORD_MOST + 1])
    except (VerificationError, InvalidHashError):
        return False


def _count(project: str) -> None:
    """Take a token out of the site's own bucket; while nobody can count, nobody may guess."""
    wait = GUESSES.take(project)
    if wait:
        raise TooMany(
            "rate_limited",
            f"Too many wrong passwords for this site; the next is taken in {wait} s.",
            hint="Wait, or ask a member of the team for a share link.",
            headers={"Retry-After": str(wait)},
        )
