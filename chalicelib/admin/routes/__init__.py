"""Routes of admin: each file registers its own on the blueprint."""

from chalicelib.admin.routes.blueprint import routes

__all__ = ["routes"]
