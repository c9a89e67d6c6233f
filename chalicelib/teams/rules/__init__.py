"""Roles, permissions, policies and names of teams, without a database."""

from chalicelib.teams.rules.names import (
    RESERVED_SLUGS,
    SLUG_RULE,
    check_name,
    check_slug,
    slug_from,
)
from chalicelib.teams.rules.roles import (
    INSTALLATION,
    PERMISSIONS,
    PROJECT_ROLES,
    ROLES,
    SCOPES,
    may,
)

__all__ = [
    "INSTALLATION",
    "PERMISSIONS",
    "PROJECT_ROLES",
    "RESERVED_SLUGS",
    "ROLES",
    "SCOPES",
    "SLUG_RULE",
    "check_name",
    "check_slug",
    "may",
    "slug_from",
]
