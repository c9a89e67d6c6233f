"""Custom domains: disabled first, deleted when that has arrived everywhere."""

from __future__ import annotations

import pytest

from cdk.install import tenants
from cdk.install.problems import Failed
from cdk.settings import EDGE_REGION

OURS, THEIRS = "E1OURS", "E2THEIRS"


def tenant(number, distribution, *, enabled, status="Deployed"):
    return {
        "Id": f"dt_{number}",
        "DistributionId": distribution,
        "Name": f"t{number}",
        "Arn": f"arn:aws:cloudfront::123456789012:distribution-tenant/dt_{number}",
        "Domains": [{"Domain": f"d{number}.example.com", "Status": "active"}],
        "CreatedTime": "2026-01-01T00:00:00Z",
        "LastModifiedTime": "2026-01-01T00:00:00Z",
        "ETag": f"E{number}",
        "Enabled": enabled,
        "Status": status,
    }


@pytest.fixture
def cloudfront(account, stub):
    account.client("ssm", EDGE_REGION).put_parameter(
        Name="/clouddeck/distributions", Value=f"E0,{OURS}", Type="String"
    )
    return stub("cloudfront", EDGE_REGION)


def listed(cloudfront, *found):
    cloudfront.add_response("list_distribution_tenants", {"DistributionTenantList": list(found)})


def test_ours_go_and_theirs_stay(account, names, cloudfront):
    theirs = tenant(9, THEIRS, enabled=True)
    listed(cloudfront, tenant(1, OURS, enabled=True), theirs)
    cloudfront.add_response(
        "update_distribution_tenant",
        {"ETag": "E1b"},
        {"Id": "dt_1", "IfMatch": "E1", "Enabled": False},
    )
    listed(cloudfront, tenant(1, OURS, enabled=False, status="InProgress"), theirs)
    listed(cloudfront, tenant(1, OURS, enabled=False), theirs)
    cloudfront.add_response("delete_distribution_tenant", {}, {"Id": "dt_1", "IfMatch": "E1"})
    listed(cloudfront, theirs)
    shown, waits = [], []
    tenants.remove(account, names, shown.append, waits.append)
    assert shown == ["  domain d1.example.com"]
    assert waits == [tenants.PAUSE] * 2


def test_a_domain_that_stays(account, names, cloudfront, monkeypatch):
    monkeypatch.setattr(tenants, "TRIES", 1)
    slow = tenant(1, OURS, enabled=False, status="InProgress")
    listed(cloudfront, slow)
    listed(cloudfront, slow)
    with pytest.raises(Failed, match="1 custom domains"):
        tenants.remove(account, names, lambda _: None, lambda _: None)


def test_nothing_was_ever_made(account, names, stub):
    for _ in range(2):
        listed(stub("cloudfront", EDGE_REGION), tenant(9, THEIRS, enabled=True))
    tenants.remove(account, names, lambda _: None)
