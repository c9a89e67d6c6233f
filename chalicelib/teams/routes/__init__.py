"""Routes of teams: each file registers its own on the blueprint."""

from chalicelib.core.http import authorise_with
from chalicelib.teams import actions
from chalicelib.teams.routes import invitations, keys, members, policies, teams
from chalicelib.teams.routes.blueprint import routes

authorise_with("team", actions.authorise_team)

__all__ = ["invitations", "keys", "members", "policies", "routes", "teams"]
