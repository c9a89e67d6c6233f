"""Routes of audit: each file registers its own on the blueprint."""

from chalicelib.audit.routes import installation, log, streams
from chalicelib.audit.routes.blueprint import routes

__all__ = ["installation", "log", "routes", "streams"]
