"""Routes of accounts: each file registers its own on the blueprint."""

from chalicelib.accounts.routes.blueprint import routes

__all__ = ["routes"]
