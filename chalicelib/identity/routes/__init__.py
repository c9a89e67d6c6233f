"""Routes of identity: each file registers its own on the blueprint."""

from chalicelib.identity.routes import factors, keys, sessions, sign_in, step_up
from chalicelib.identity.routes.blueprint import routes
from chalicelib.identity.routes.views import SignIn, note_sign_in, sign_in_view

__all__ = [
    "SignIn",
    "factors",
    "keys",
    "note_sign_in",
    "routes",
    "sessions",
    "sign_in",
    "sign_in_view",
    "step_up",
]
