"""Routes of git; importing this registers them."""

from chalicelib.git.routes import builtin, github, hooks, links
from chalicelib.git.routes.blueprint import routes

__all__ = ["builtin", "github", "hooks", "links", "routes"]
