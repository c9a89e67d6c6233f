"""Routes of identity: each file registers its own on the blueprint."""

from chalicelib.identity.routes import sign_in
from chalicelib.identity.routes.blueprint import routes

__all__ = ["routes", "sign_in"]
