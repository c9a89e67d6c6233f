"""The first resource that failed, from events as CloudFormation gives them: newest first."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cdk.install import failures
from cdk.install.failures import Failure

STACK = "arn:aws:cloudformation:eu-central-1:123456789012:stack/clouddeck-edge/1"


def event(status, reason="", resource="cell", kind="AWS::CloudFront::Distribution", physical="x"):
    return {
        "StackId": STACK,
        "EventId": "1",
        "StackName": "clouddeck-edge",
        "LogicalResourceId": resource,
        "PhysicalResourceId": physical,
        "ResourceType": kind,
        "Timestamp": datetime.now(UTC),
        "ResourceStatus": status,
        **({"ResourceStatusReason": reason} if reason else {}),
    }


def own(status, reason=""):
    return event(status, reason, "clouddeck-edge", "AWS::CloudFormation::Stack", STACK)


def events(stub, *listed):
    stub("cloudformation").add_response(
        "describe_stack_events", {"StackEvents": list(listed)}, {"StackName": "clouddeck-edge"}
    )


def first(account):
    return failures.first(account, [("clouddeck-edge", "eu-central-1")])


def test_the_first_failure_of_the_latest_operation(account, stub):
    events(
        stub,
        own("ROLLBACK_COMPLETE"),
        own("ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create"),
        event("CREATE_FAILED", "Resource creation cancelled", resource="third"),
        event("CREATE_FAILED", "Another reason", resource="second"),
        event("CREATE_FAILED", "Your account must be verified", resource="cell"),
        event("CREATE_IN_PROGRESS"),
        own("CREATE_IN_PROGRESS", "User Initiated"),
        event("CREATE_FAILED", "An old story", resource="old"),
    )
    found = first(account)
    assert found == Failure(
        *("clouddeck-edge", "cell", "AWS::CloudFront::Distribution"),
        "Your account must be verified",
    )
    problem = found.problem("Go on.")
    assert problem.code == "stack_failed"
    assert "cell failed: Your account must be verified" in problem.message
    assert "AWS Support" in problem.hint
    assert problem.hint.endswith("Go on.")


def test_nothing_failed(account, stub):
    events(stub, own("UPDATE_COMPLETE"), own("UPDATE_IN_PROGRESS", "User Initiated"))
    assert first(account) is None


def test_a_stack_that_is_not_there(account, stub):
    stub("cloudformation").add_client_error(
        "describe_stack_events", "ValidationError", "Stack [clouddeck-edge] does not exist"
    )
    assert first(account) is None


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("clouddeck-core already exists in stack", "--prefix"),
        ("LimitExceeded: too many", "--request-quotas"),
        ("is not authorized to perform: iam:CreateRole", "organization"),
        ("CNAMEAlreadyExists", "Another CloudFront distribution"),
        ("because it is a replicated function", "hours"),
        ("something new", ""),
    ],
)
def test_advice(reason, words):
    assert words in Failure("s", "r", "t", reason).problem("Go on.").hint
