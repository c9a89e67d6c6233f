"""Routes of projects: each file registers its own on the blueprint."""

from chalicelib.core.http import authorise_with
from chalicelib.projects import actions
from chalicelib.projects.routes import (
    deploy_keys,
    environments,
    members,
    projects,
    triggers,
    variables,
    variables_many,
)
from chalicelib.projects.routes.blueprint import routes
from chalicelib.teams.actions import find_with

authorise_with("project", actions.authorise)
find_with("project", actions.find)

__all__ = [
    "deploy_keys",
    "environments",
    "members",
    "projects",
    "routes",
    "triggers",
    "variables",
    "variables_many",
]
