"""Routes of accounts: each file registers its own on the blueprint."""

from chalicelib.accounts.routes import (
    access,
    admin_providers,
    devices,
    domains,
    identities,
    me,
    providers,
    saml,
    sign_up,
    sso,
)
from chalicelib.accounts.routes.blueprint import routes

__all__ = [
    "access",
    "admin_providers",
    "devices",
    "domains",
    "identities",
    "me",
    "providers",
    "routes",
    "saml",
    "sign_up",
    "sso",
]
