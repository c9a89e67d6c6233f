"""What can be done with teams: one public function per verb."""

from chalicelib.teams.actions.accounts import create_owner_account
from chalicelib.teams.actions.api_keys import create_key, delete_key, list_keys
from chalicelib.teams.actions.authority import (
    Membership,
    authorise_team,
    default_team,
    likely_member,
    require,
    team_named,
)
from chalicelib.teams.actions.installation import Owner, first_owner, reset_owner
from chalicelib.teams.actions.members import add_member, remove_member, set_role
from chalicelib.teams.actions.teams import TeamOfUser, create_team, list_teams, rename_team, whoami

__all__ = [
    "Membership",
    "Owner",
    "TeamOfUser",
    "add_member",
    "authorise_team",
    "create_key",
    "create_owner_account",
    "create_team",
    "default_team",
    "delete_key",
    "first_owner",
    "likely_member",
    "list_keys",
    "list_teams",
    "remove_member",
    "rename_team",
    "require",
    "reset_owner",
    "set_role",
    "team_named",
    "whoami",
]
