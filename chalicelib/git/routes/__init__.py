"""Routes of git; importing this registers them."""

from chalicelib.git.routes import builtin
from chalicelib.git.routes.blueprint import routes

__all__ = ["builtin", "routes"]
