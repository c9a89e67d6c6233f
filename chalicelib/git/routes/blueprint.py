"""The blueprint of git: one subject, one tag."""

from chalicelib.core.http import Routes

routes = Routes("git")
