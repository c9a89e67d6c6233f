"""The blueprint that the modules of this folder register their routes with."""

from chalicelib.core.http import Routes

routes = Routes("supply")
