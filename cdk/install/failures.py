"""Why a stack failed: the first resource that did, its reason, and what usually helps."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from botocore.exceptions import ClientError

from cdk.install.aws import Account, pages
from cdk.install.problems import Failed

_CONSEQUENCES = ("cancelled", "canceled")
"""Reasons of resources that failed only because another one had."""

_MORE = "Ask for more: deck install --request-quotas, or Service Quotas in the console."
_ADVICE = {
    "must be verified": "AWS verifies an account before it may use CloudFront: open a free case "
    "with AWS Support (Account and billing) with this sentence, then run the command again.",
    "replicated function": "CloudFront takes hours to remove its copies of a function.",
    "cname": "Another CloudFront distribution serves this domain: remove it there first.",
    "already exists": "Something of this name is left from elsewhere: remove it, or install with "
    "another --prefix.",
    "not authorized": "CDK's roles lack this permission; an organization's policy may forbid it.",
    "limit": _MORE,
    "quota": _MORE,
}
"""What a reason contains, in lower case -> what helps; the first that fits counts."""


@dataclass(frozen=True)
class Failure:
    """The first resource that failed in a stack."""

    stack: str
    resource: str
    kind: str
    reason: str

    def problem(self, next_step: str) -> Failed:
        """As an error: what failed, why, what to do."""
        lower = self.reason.lower()
        what = f"{self.stack}: {self.kind} {self.resource} failed: {self.reason}"
        advice = next((text for sign, text in _ADVICE.items() if sign in lower), "")
        return Failed("stack_failed", what, f"{advice} {next_step}".strip())


def first(account: Account, stacks: Iterable[tuple[str, str]]) -> Failure | None:
    """The first failure of the latest operation of these (stack, region); None when none failed."""
    for stack, region in stacks:
        found = _of_stack(account, stack, region)
        if found is not None:
            return found
    return None


def _of_stack(account: Account, stack: str, region: str) -> Failure | None:
    """Events come newest first; those before the operation began belong to an earlier one."""
    failed: Failure | None = None
    try:
        client = account.client("cloudformation", region)
        for event in pages(client, "describe_stack_events", "StackEvents", StackName=stack):
            status = event.get("ResourceStatus", "")
            why = event.get("ResourceStatusReason", "")
            own = event.get("PhysicalResourceId") == event.get("StackId")
            if own and status.endswith("_IN_PROGRESS") and "user initiated" in why.lower():
                break
            told = not any(word in why.lower() for word in _CONSEQUENCES)
            if status.endswith("_FAILED") and why and told and not own:
                failed = Failure(stack, event["LogicalResourceId"], event["ResourceType"], why)
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
    return failed
