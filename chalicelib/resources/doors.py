"""Where people and machines come in: the API, the WebSocket, the installation itself."""

from __future__ import annotations

from chalicelib.resources.grants import FAILS, Grant
from chalicelib.resources.kinds import ASKS_HOSTS, Function

API_GRANTS: tuple[Grant, ...] = (
    *FAILS,
    *("log:read", "deliveries", "rate", "machines", "machines:read", "builds"),
    "traffic:read",
    *("audit", "audit:read"),
    # whoever signs an address hands on a right of its own, so it may do what runners and people do
    *("blobs", "blobs:read", "manifests:read", "rules:read", "uploads", "uploads:read", "caches"),
    *("sources:read", "sources:remove"),
    *("attestations:read", "advisories"),
    *("data-key:seal", "data-key:open", "signing-key", "purge", "mail"),
    "codecommit",
    *("tenants", "zones"),
)
"""Of the one function behind the API, which is Chalice's and stands in `app.py`."""

API_LAYERS = (*ASKS_HOSTS, "saml")

FUNCTIONS = (
    Function(
        "owner",
        "functions.install.owner",
        grants=("core", "audit"),
        only="aws",
    ),
    Function("live-connect", "functions.live.connect", grants=("core", "signing-key:read")),
    Function("live-message", "functions.live.message", grants=("core", "log:read", "connections")),
    Function("live-disconnect", "functions.live.disconnect", grants=("core",)),
)
