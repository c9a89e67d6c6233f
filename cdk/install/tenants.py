"""Custom domains at the edge: made while running, so no stack removes them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from cdk.install.aws import Account, absent_is_fine, pages
from cdk.install.finishing import parameter
from cdk.install.problems import Failed
from cdk.names import Names
from cdk.settings import EDGE_REGION

TRIES = 60
PAUSE = 20.0
"""A tenant can be deleted once its disabling has reached every corner."""


def ours(account: Account, names: Names) -> list[dict[str, Any]]:
    """The tenants of our distributions."""
    distributions = set(parameter(account, names, "distributions", EDGE_REGION).split(","))
    client = account.client("cloudfront", EDGE_REGION)
    return [
        tenant
        for tenant in pages(client, "list_distribution_tenants", "DistributionTenantList")
        if tenant["DistributionId"] in distributions
    ]


def remove(
    account: Account,
    names: Names,
    show: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Disable all tenants, then delete them; raises Failed when one stays."""
    client = account.client("cloudfront", EDGE_REGION)
    for tenant in ours(account, names):
        if tenant.get("Enabled", True):
            with absent_is_fine("EntityNotFound"):
                client.update_distribution_tenant(
                    Id=tenant["Id"], IfMatch=tenant["ETag"], Enabled=False
                )
    for _ in range(TRIES):
        left = ours(account, names)
        for tenant in left:
            if tenant.get("Status") == "Deployed" and not tenant.get("Enabled"):
                with absent_is_fine("EntityNotFound", "ResourceNotDisabled"):
                    client.delete_distribution_tenant(Id=tenant["Id"], IfMatch=tenant["ETag"])
                    show(f"  domain {', '.join(d['Domain'] for d in tenant['Domains'])}")
        if not left:
            return
        pause(PAUSE)
    raise Failed(
        "domains_remain",
        f"{len(left)} custom domains are still being disabled",
        "`deck uninstall` again continues from here.",
    )
