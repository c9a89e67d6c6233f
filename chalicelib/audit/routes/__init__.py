"""Routes of audit: each file registers its own on the blueprint."""

from chalicelib.audit.routes.blueprint import routes

__all__ = ["routes"]
