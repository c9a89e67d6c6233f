"""Checks of the account; answers are checked against the service models."""

from __future__ import annotations

import pytest

from cdk.install import checks, quotas
from cdk.install.aws import Identity
from cdk.settings import EDGE_REGION, Installation
from tests.unit.cdk_install.conftest import REGION

ROLE = "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_1/me@example.com"


def as_(account, arn):
    account.identity = Identity("123456789012", arn)


def test_credentials(account, stub):
    stub("account", EDGE_REGION).add_client_error("get_region_opt_status", "AccessDenied")
    stub("iam").add_client_error("simulate_principal_policy", "AccessDenied")
    rows = {row.name: row for row in checks.account_rows(account)}
    assert rows["credentials"].state == "ok"
    assert "123456789012" in rows["credentials"].detail


def test_the_root_user_is_warned(account):
    as_(account, "arn:aws:iam::123456789012:root")
    row = next(checks.account_rows(account))
    assert (row.state, "root" in row.detail) == ("warn", True)
    assert checks.permissions_row(account).state == "ok"


@pytest.mark.parametrize(
    ("status", "state"),
    [("ENABLED", "ok"), ("ENABLED_BY_DEFAULT", "ok"), ("DISABLED", "fail"), ("ENABLING", "fail")],
)
def test_a_region_must_be_enabled(account, stub, status, state):
    stub("account", EDGE_REGION).add_response(
        "get_region_opt_status",
        {"RegionName": REGION, "RegionOptStatus": status},
        {"RegionName": REGION},
    )
    assert checks.region_row(account).state == state


def test_a_region_that_may_not_be_asked_for(account, stub):
    stub("account", EDGE_REGION).add_client_error("get_region_opt_status", "AccessDeniedException")
    row = checks.region_row(account)
    assert (row.state, "AccessDenied" in row.detail) == ("warn", True)


def test_a_region_without_our_services(account):
    account.region = "xx-nowhere-1"
    row = checks.region_row(account)
    assert (row.state, "codebuild" in row.detail) == ("fail", True)


def decision(action, word):
    return {"EvalActionName": action, "EvalDecision": word}


def test_permissions_of_a_role(account, stub):
    as_(account, ROLE)
    iam = stub("iam")
    arn = "arn:aws:iam::123456789012:role/aws-reserved/sso/AWSReservedSSO_Admin_1"
    role = {"Path": "/aws-reserved/sso/", "RoleName": "AWSReservedSSO_Admin_1", "Arn": arn}
    role |= {"RoleId": "AROA1234567890123456", "CreateDate": "2026-01-01T00:00:00Z"}
    iam.add_response("get_role", {"Role": role}, {"RoleName": "AWSReservedSSO_Admin_1"})
    iam.add_response(
        "simulate_principal_policy",
        {
            "EvaluationResults": [
                decision("sts:AssumeRole", "allowed"),
                decision("iam:PassRole", "implicitDeny"),
                decision("s3:PutObject", "explicitDeny"),
            ]
        },
        {"PolicySourceArn": arn, "ActionNames": list(checks.ACTIONS)},
    )
    row = checks.permissions_row(account)
    assert (row.state, row.detail) == ("fail", "not allowed: iam:PassRole, s3:PutObject")


def test_all_permissions(account, stub):
    as_(account, "arn:aws:iam::123456789012:user/me")
    allowed = [decision(action, "allowed") for action in checks.ACTIONS]
    stub("iam").add_response("simulate_principal_policy", {"EvaluationResults": allowed})
    assert checks.permissions_row(account).state == "ok"


def test_permissions_that_cannot_be_simulated(account, stub):
    as_(account, "arn:aws:iam::123456789012:user/me")
    stub("iam").add_client_error("simulate_principal_policy", "AccessDenied")
    row = checks.permissions_row(account)
    assert (row.state, "could not be checked" in row.detail) == ("warn", True)


HOBBY = Installation(account="123456789012")
BUILDS = quotas.of(HOBBY)[0]


def listed(value, name=BUILDS.title, code="L-ARM"):
    other = {"QuotaName": "Build projects", "QuotaCode": "L-ACCF6C0D", "Value": 5000.0}
    return {"Quotas": [other, {"QuotaName": name, "QuotaCode": code, "Value": value}]}


@pytest.mark.parametrize(
    ("value", "state", "raise_it"), [(0.0, "fail", True), (1.0, "warn", True), (60.0, "ok", False)]
)
def test_a_quota_by_its_name(account, stub, value, state, raise_it):
    client = stub("service-quotas")
    client.add_response("list_service_quotas", listed(value), {"ServiceCode": "codebuild"})
    row, code = quotas.check(account, BUILDS)
    assert (row.state, bool(code)) == (state, raise_it)
    assert "L-ARM" in row.detail
    if raise_it:
        assert "--request-quotas" in row.hint


def test_the_default_counts_where_the_account_has_no_value(account, stub):
    client = stub("service-quotas")
    client.add_response("list_service_quotas", {"Quotas": []})
    client.add_response("list_aws_default_service_quotas", listed(300.0))
    assert quotas.check(account, BUILDS)[0].state == "ok"


def test_a_quota_that_is_not_listed_or_may_not_be_read(account, stub):
    client = stub("service-quotas")
    client.add_response("list_service_quotas", {"Quotas": []})
    client.add_response("list_aws_default_service_quotas", {"Quotas": []})
    assert quotas.check(account, BUILDS)[0].state == "warn"
    client.add_client_error("list_service_quotas", "AccessDeniedException")
    row, code = quotas.check(account, BUILDS)
    assert (row.state, code) == ("warn", "")


@pytest.mark.parametrize(
    ("settings", "machine"),
    [
        ({}, "ARM/Small"),
        ({"profile": "standard"}, "ARM/Small"),
        ({"profile": "production"}, "ARM/Medium"),
        ({"architecture": "x86_64"}, "Linux/Small"),
    ],
)
def test_builds_have_a_quota_for_each_machine(settings, machine):
    assert machine in quotas.of(Installation(account="123456789012", **settings))[0].title


def test_asking_for_more(account, stub):
    client = stub("service-quotas")
    client.add_response(
        "request_service_quota_increase",
        {"RequestedQuota": {"Status": "CASE_OPENED"}},
        {"ServiceCode": "codebuild", "QuotaCode": "L-ARM", "DesiredValue": 5.0},
    )
    assert "CASE_OPENED" in quotas.request(account, BUILDS, "L-ARM")
    client.add_client_error("request_service_quota_increase", "ResourceAlreadyExistsException")
    assert "open already" in quotas.request(account, BUILDS, "L-ARM")
    client.add_client_error("request_service_quota_increase", "DependencyAccessDeniedException")
    assert "DependencyAccessDenied" in quotas.request(account, BUILDS, "L-ARM")


def test_bootstrap_is_looked_for_in_both_regions(account):
    assert checks.unprepared_regions(account) == [REGION, EDGE_REGION]
    for region, version in ((REGION, "30"), (EDGE_REGION, "2")):
        account.client("ssm", region).put_parameter(
            Name=checks.BOOTSTRAP, Value=version, Type="String"
        )
    assert checks.unprepared_regions(account) == [EDGE_REGION]  # too old
    account.region = EDGE_REGION
    assert checks.unprepared_regions(account) == [EDGE_REGION]


@pytest.mark.parametrize(("quantity", "state"), [(0, "warn"), (3, "ok")])
def test_an_account_that_never_had_a_distribution(account, stub, quantity, state):
    listed_ = {"Marker": "", "MaxItems": 1, "IsTruncated": False, "Quantity": quantity}
    stub("cloudfront", EDGE_REGION).add_response(
        "list_distributions", {"DistributionList": listed_}, {"MaxItems": "1"}
    )
    row = checks.cloudfront_row(account)
    assert row.state == state
    assert ("verified" in row.hint) == (state == "warn")
