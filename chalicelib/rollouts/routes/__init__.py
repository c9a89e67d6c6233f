"""Routes of rollouts."""

from chalicelib.rollouts.routes import rollouts
from chalicelib.rollouts.routes.blueprint import routes

__all__ = ["rollouts", "routes"]
