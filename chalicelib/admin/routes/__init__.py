"""Routes of admin: each file registers its own on the blueprint."""

from chalicelib.admin import actions
from chalicelib.admin.routes import sso, teams, users
from chalicelib.admin.routes.blueprint import routes
from chalicelib.core.http import INSTALLATION, authorise_with

authorise_with(INSTALLATION, actions.authorise)

__all__ = ["routes", "sso", "teams", "users"]
