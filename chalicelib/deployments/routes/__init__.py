"""Routes of deployments: each file registers its own on the blueprint."""

from chalicelib.core import http
from chalicelib.deployments.actions import watch
from chalicelib.deployments.routes import deployments, holds, pulls, releases
from chalicelib.deployments.routes.blueprint import routes
from chalicelib.teams.actions import find_with

http.authorise_with("deployment", watch.authorise)
find_with("deployment", watch.find)

__all__ = ["deployments", "holds", "pulls", "releases", "routes"]
