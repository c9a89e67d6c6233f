"""Service Quotas: limits that a new account meets before anything else does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cdk.install.aws import Account, pages
from cdk.install.problems import error_code
from cdk.install.terminal import Finding
from cdk.settings import EDGE_REGION, Installation


@dataclass(frozen=True)
class Quota:
    """A limit by its name in Service Quotas: below `least` it does not work, below `good` it is
    slow. `consequence` says what a person would notice."""

    name: str
    service: str
    title: str
    least: int
    good: int
    consequence: str
    region: str = ""


def of(installation: Installation) -> tuple[Quota, ...]:
    """The limits that an installation meets first; CodeBuild has one for each size of machine."""
    processor = "ARM" if installation.architecture == "arm64" else "Linux"
    size = "Medium" if installation.profile == "production" else "Small"
    return (
        Quota(
            "builds",
            "codebuild",
            f"Concurrently running builds for {processor}/{size} environment",
            1,
            5,
            "builds wait for each other, and with 0 none starts",
        ),
        Quota(
            "functions",
            "lambda",
            "Concurrent executions",
            10,
            100,
            "API and pipeline share them; beyond, requests are answered with 429 and repeated",
        ),
        Quota(
            "distributions",
            "cloudfront",
            "Web distributions per AWS account",
            3,
            3,
            "sites, custom domains and the console are served by one each",
            EDGE_REGION,
        ),
    )


def applied(account: Account, quota: Quota) -> tuple[str, float] | None:
    """(code, value) of a quota in this account; AWS's default where the account has no value of
    its own. None when Service Quotas does not list it."""
    client = account.client("service-quotas", quota.region)
    for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
        for item in pages(client, operation, "Quotas", ServiceCode=quota.service):
            if str(item["QuotaName"]).lower() == quota.title.lower():
                return str(item["QuotaCode"]), float(item["Value"])
    return None


def check(account: Account, quota: Quota) -> tuple[Finding, str]:
    """A row about one quota, and its code where it should be raised (otherwise empty)."""
    name = f"quota {quota.name}"
    try:
        found = applied(account, quota)
    except ClientError as error:
        hint = f"Look at '{quota.title}' in the Service Quotas console."
        detail = f"could not be read ({error_code(error)})"
        return Finding(name, "warn", detail, hint), ""
    if found is None:
        hint = f"Look at '{quota.title}' in the Service Quotas console."
        return Finding(name, "warn", f"'{quota.title}' is not listed here", hint), ""
    code, value = found
    detail = f"{value:g} ({quota.title}, {code})"
    hint = f"{quota.consequence}. Ask for more: deck install --request-quotas"
    if value < quota.least:
        return Finding(name, "fail", detail, hint), code
    if value < quota.good:
        return Finding(name, "warn", detail, hint), code
    return Finding(name, "ok", detail), ""


def request(account: Account, quota: Quota, code: str) -> str:
    """Ask AWS to raise a quota to its good value; returns what became of it."""
    client = account.client("service-quotas", quota.region)
    try:
        answer: dict[str, Any] = client.request_service_quota_increase(
            ServiceCode=quota.service, QuotaCode=code, DesiredValue=float(quota.good)
        )
    except ClientError as error:
        if error_code(error) == "ResourceAlreadyExistsException":
            return f"{quota.title}: a request is open already"
        return f"{quota.title}: {error}"
    asked = answer["RequestedQuota"]
    return f"{quota.title}: asked for {quota.good} ({asked.get('Status', 'PENDING')})"
