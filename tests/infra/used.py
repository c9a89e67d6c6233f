"""Whether a function uses what it is granted: each grant by a call that only it allows."""

from __future__ import annotations

from chalicelib import resources
from chalicelib.resources import Grant
from tests.infra.calls import Calls

SIGNS: dict[Grant, tuple[str, str]] = {
    "core": ("dynamodb:", "-core"),
    "core:read": ("dynamodb:", "-core"),
    "audit": ("dynamodb:PutItem", "-events#AUDIT"),
    "traffic": ("dynamodb:UpdateItem", "-usage#TRAFFIC"),
    "traffic:read": ("dynamodb:Query", "-usage#TRAFFIC"),
    "edge-log": ("s3:GetObject", "/AWSLogs/"),
    "rules:read": ("s3:GetObject", "/rules/"),
    "bus": ("events:PutEvents", ""),
    "machines": ("states:StartExecution", ""),
    "connections": ("execute-api:", ""),
    "purge": ("cloudfront:CreateInvalidation", ""),
    "mail": ("ses:SendEmail", ""),
    "data-key:seal": ("kms:Encrypt", ""),
    "data-key:open": ("kms:Decrypt", ""),
    "firewall": ("wafv2:UpdateWebACL", ""),
    "tenants": ("cloudfront:CreateDistributionTenant", ""),
}
"""Grant -> how an action begins, and what stands in its resource, of a call that needs it."""


def unused(calls: Calls, *functions: str) -> set[tuple[str, Grant]]:
    """Grants of functions for which nothing was called."""
    return {
        (spec.name, grant)
        for spec in resources.FUNCTIONS
        if spec.name in functions
        for grant in spec.grants
        if not any(
            who == spec.name and action.startswith(SIGNS[grant][0]) and SIGNS[grant][1] in where
            for who, action, where in calls.made
        )
    }
