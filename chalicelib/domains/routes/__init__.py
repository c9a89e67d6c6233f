"""Routes of domains: each file registers its own on the blueprint."""

from chalicelib.domains.routes import certificates, domains, zones
from chalicelib.domains.routes.blueprint import routes

__all__ = ["certificates", "domains", "routes", "zones"]
