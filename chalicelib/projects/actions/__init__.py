"""What people do with projects, and what others need to know of them."""

from chalicelib.projects.actions.projects import (
    adopt_branch,
    authorise,
    create,
    delete,
    find,
    finish_deletion,
    own_roles,
    page,
    permitted,
    resolve,
    update,
)
from chalicelib.projects.actions.steering import may_deploy, may_redirect
from chalicelib.projects.actions.variables import effective_variables

__all__ = [
    "adopt_branch",
    "authorise",
    "create",
    "delete",
    "effective_variables",
    "find",
    "finish_deletion",
    "may_deploy",
    "may_redirect",
    "own_roles",
    "page",
    "permitted",
    "resolve",
    "update",
]
