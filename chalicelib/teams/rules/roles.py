"""Roles: what each may do, and who may give which."""

from __future__ import annotations

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
        "git.read",
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
    "deployment.approve",
    "release.approve",
    "site.share",
    "site.purge",
    "upload.create",
    "env.read",
    "env.write",
    "hook.manage",
    "policy.read",
}
_BILLING = _VIEWER | {"billing.read", "billing.manage"}
_ADMIN = _DEVELOPER | {
    "team.update",
    "member.manage",
    "key.manage",
    "project.delete",
    "domain.manage",
    "environment.manage",
    "release.lock",
    "site.protect",
    "git.manage",
    "billing.read",
    "policy.manage",
    "audit.read",
    "audit.manage",
    "sso.read",
}
# whoever names the identity provider can become anybody of the team's domains
_OWNER = _ADMIN | _BILLING | {"team.delete", "team.transfer", "sso.manage"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": _OWNER,
    "admin": _ADMIN,
    "developer": _DEVELOPER,
    "billing": _BILLING,
    "viewer": _VIEWER,
}
"""What each role may do; `key.*` is about one's own keys, `key.manage` about everybody's."""

SCOPES = _OWNER
"""Every permission in a team, which an API key may be limited to."""

INSTALLATION = frozenset({"admin.read", "admin.manage"})
"""Of whoever runs the installation: no role has them, and a key only if it was made for them."""


def may(role: str, permission: str) -> bool:
    """Whether a role has a permission; an unknown role has none."""
    return permission in PERMISSIONS.get(role, frozenset())


def may_give(giver: str, role: str) -> bool:
    """Whether somebody with the role `giver` may give, change or take the role `role`.

    They may when they have every permission of it, so that no chain of gifts leads upwards.
    """
    given = PERMISSIONS.get(role)
    return given is not None and given <= PERMISSIONS.get(giver, frozenset())


def check_role(role: str) -> str:
    """A role in a team; raises ValueError with the rule."""
    if role not in ROLES:
        raise ValueError(f"A role is one of {', '.join(ROLES)}.")
    return role


def check_project_role(role: str) -> str:
    """A role in one project; raises ValueError with the rule."""
    if role not in PROJECT_ROLES:
        raise ValueError(f"A role in a project is one of {', '.join(PROJECT_ROLES)}.")
    return role
