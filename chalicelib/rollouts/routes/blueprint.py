"""The blueprint that the routes of this subject hang on."""

from chalicelib.core.http import Routes

routes = Routes("rollouts")
