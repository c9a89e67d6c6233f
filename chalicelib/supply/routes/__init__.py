"""Routes of the supply chain: of deployments, of the signing keys, of the advisories."""

from chalicelib.supply.routes import advisories, deployments
from chalicelib.supply.routes.blueprint import routes

__all__ = ["advisories", "deployments", "routes"]
