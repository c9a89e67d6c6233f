"""Routes of protection: each file registers its own on the blueprint."""

from chalicelib.protection.routes import access, backends, guard, purge
from chalicelib.protection.routes.blueprint import routes

__all__ = ["access", "backends", "guard", "purge", "routes"]
