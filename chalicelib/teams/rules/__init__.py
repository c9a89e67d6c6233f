"""Roles, permissions and names of teams, without a database."""

from __future__ import annotations

import re

ROLES = ("owner", "admin", "developer", "billing", "viewer")
PROJECT_ROLES = ("admin", "developer", "viewer")
"""Those that somebody may have in one project alone."""

_VIEWER = frozenset(
    {
        "team.read",
        "member.read",
        "project.read",
        "deployment.read",
        "upload.read",
        "domain.read",
        "usage.read",
    }
)
_DEVELOPER = _VIEWER | {
    "key.create",
    "key.read",
    "key.delete",
    "project.create",
    "project.update",
    "deployment.create",
    "deployment.cancel",
    "deployment.promote",
    "upload.create",
    "env.read",
    "env.write",
}
_BILLING = _VIEWER | {"billing.read", "billing.manage"}
_ADMIN = _DEVELOPER | {
    "team.update",
    "member.manage",
    "key.manage",
    "project.delete",
    "domain.manage",
    "billing.read",
}
_OWNER = _ADMIN | _BILLING | {"team.delete", "team.transfer"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": _OWNER,
    "admin": _ADMIN,
    "developer": _DEVELOPER,
    "billing": _BILLING,
    "viewer": _VIEWER,
}
"""What each role may do; `key.*` is about one's own keys, `key.manage` about everybody's."""

SCOPES = _OWNER
"""Every permission that an API key may be limited to."""

_RESERVED = """
about account admin api app assets auth billing blog clouddeck dashboard docs edge git help internal
live login logout mail me new root settings static status support system team teams user users www
"""
RESERVED_SLUGS = frozenset(_RESERVED.split())
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")
SLUG_RULE = "1 to 40 of a-z, 0-9 and '-', not at either end, no '--', and no reserved word"


def may(role: str, permission: str) -> bool:
    """Whether a role has a permission; an unknown role has none."""
    return permission in PERMISSIONS.get(role, frozenset())


def check_slug(slug: str) -> str:
    """A team's slug; raises ValueError with the rule."""
    if not _SLUG.match(slug) or "--" in slug or slug in RESERVED_SLUGS:
        raise ValueError(f"A slug has {SLUG_RULE}.")
    return slug


def check_name(name: str) -> str:
    """A name that people read; raises ValueError with the rule."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise ValueError("A name has 1 to 80 printable characters.")
    return name


def slug_from(text: str, suffix: str = "") -> str:
    """A slug made of any text, such as a name; with a suffix when the plain one is taken."""
    base = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:30].strip("-")
    if not base or base in RESERVED_SLUGS:
        base = f"team-{base or 'one'}"
    return f"{base}-{suffix}" if suffix else base
