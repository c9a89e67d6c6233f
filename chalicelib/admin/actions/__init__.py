"""What can be done in admin: one public function per verb."""

from chalicelib.admin.actions.authority import Administrator, authorise
from chalicelib.admin.actions.teams import (
    find_team,
    grant_plan,
    list_teams,
    restore_team,
    suspend_team,
    tell_team,
)
from chalicelib.admin.actions.users import (
    Account,
    clear_factors,
    find_user,
    list_users,
    look_at,
    restore_user,
    set_admin,
    suspend_user,
)

__all__ = [
    "Account",
    "Administrator",
    "authorise",
    "clear_factors",
    "find_team",
    "find_user",
    "grant_plan",
    "list_teams",
    "list_users",
    "look_at",
    "restore_team",
    "restore_user",
    "set_admin",
    "suspend_team",
    "suspend_user",
    "tell_team",
]
