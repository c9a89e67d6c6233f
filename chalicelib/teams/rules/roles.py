"""Who may give which role: nobody gives what they do not have."""

from __future__ import annotations

from chalicelib.teams.rules import PERMISSIONS, PROJECT_ROLES, ROLES


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
