"""Addresses of an installation as environment variables: the same for every function and the API.

What follows from the installation alone is `functions.common`; here is what AWS invents, and what
follows from the domain. Every variable is explained in docs/operate.md.
"""

from __future__ import annotations

from cdk import parameters
from cdk.stack import DeckStack

_INVENTED = {
    "CLOUDDECK_API": "api-url",
    "CLOUDDECK_LIVE": "live-url",
    "CLOUDDECK_CONNECTIONS": "connections-url",
    "CLOUDDECK_ROUTES_STORE": "routes-store",
    "CLOUDDECK_DISTRIBUTIONS": "distributions",
    "CLOUDDECK_TENANTS_GROUP": "tenants-group",
    "CLOUDDECK_DOMAINS_TARGET": "tenants-target",
    "CLOUDDECK_FIREWALL": "firewall",
}
"""Variable -> parameter of `names.PARAMETERS`."""


def environment(stack: DeckStack, own: dict[str, str] | None = None) -> dict[str, str]:
    """The variables for a function of `stack`.

    `own` holds parameters that this stack makes itself: those cannot be read from SSM before the
    stack is there.
    """
    known = own or {}
    names = stack.names
    found = {
        variable: known.get(what) or parameters.read(stack, what)
        for variable, what in _INVENTED.items()
    }
    found["CLOUDDECK_RUNNER_KEY"] = stack.assets.runner_key
    if names.of.domain:
        found["CLOUDDECK_SITES_DOMAIN"] = names.of.domain
        found["CLOUDDECK_SITES_URL"] = "https://{host}"
    return found
