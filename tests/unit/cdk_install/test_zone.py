"""Hosted zones of moto's Route 53."""

from __future__ import annotations

import pytest
from botocore.stub import ANY

from cdk.install import choices, dns, zone
from cdk.install.problems import Refused
from cdk.install.zone import Zone
from tests.unit.cdk_install.conftest import options


def make(account, name, *, private=False, reference=""):
    extra = {"VPC": {"VPCRegion": "us-east-1", "VPCId": "vpc-1"}} if private else {}
    answer = account.client("route53").create_hosted_zone(
        Name=name,
        CallerReference=reference or name,
        HostedZoneConfig={"PrivateZone": private},
        **extra,
    )
    return answer["HostedZone"]["Id"].rpartition("/")[2]


def test_the_nearest_public_zone_is_found(account):
    make(account, "example.com")
    near = make(account, "apps.example.com")
    make(account, "my.apps.example.com")
    make(account, "apps.example.com", private=True, reference="private")
    assert zone.find(account, "apps.example.com") == Zone(near, "apps.example.com")
    assert zone.find(account, "deep.apps.example.com") == Zone(near, "apps.example.com")
    assert zone.find(account, "notapps.example.com").name == "example.com"
    assert zone.find(account, "example.org") is None


def test_two_zones_of_one_name_need_a_choice(account):
    first = make(account, "example.com", reference="1")
    second = make(account, "example.com", reference="2")
    with pytest.raises(Refused) as refused:
        zone.find(account, "apps.example.com")
    assert refused.value.code == "zone_not_clear"
    assert first in refused.value.hint
    assert zone.find(account, "apps.example.com", second) == Zone(second, "example.com")


def test_a_named_zone_must_hold_the_domain(account):
    other = make(account, "example.org")
    with pytest.raises(Refused, match="does not lie"):
        zone.find(account, "apps.example.com", other)
    with pytest.raises(Refused, match="no public hosted zone"):
        zone.find(account, "apps.example.com", "Z000")


@pytest.mark.parametrize(
    ("public", "state", "words"),
    [
        (None, "warn", "no resolver"),
        (set(), "fail", "not delegated to anybody"),
        ({"ns1.elsewhere.net"}, "fail", "delegated elsewhere"),
        ("own", "ok", "is delegated to this zone"),
    ],
)
def test_delegation(account, monkeypatch, public, state, words):
    made = Zone(make(account, "example.com"), "example.com")
    own = zone.own_name_servers(account, made)
    monkeypatch.setattr(dns, "name_servers", lambda _: own if public == "own" else public)
    row = zone.delegation(account, made)
    assert (row.state, words in row.detail) == (state, True)
    if state != "ok":
        assert all(server in row.hint for server in own)


@pytest.fixture
def plain(installation):
    return choices._made(**{**vars(installation), "zone": ""})


def test_no_zone_is_made_unless_asked_for(account, plain):
    same, rows = choices.with_zone(account, plain, options(), may_create=True)
    assert (same, rows[0].state) == (plain, "fail")
    assert "--create-zone" in rows[0].hint
    same, rows = choices.with_zone(account, plain, options(create_zone=True), may_create=False)
    assert (same, rows[0].state) == (plain, "warn")
    assert zone.public_zones(account) == []


def test_a_zone_is_made_when_asked_for(account, plain, stub, monkeypatch):
    monkeypatch.setattr(dns, "name_servers", lambda _: set())
    route53 = stub("route53")
    listed = {"Marker": "", "IsTruncated": False, "MaxItems": "100"}
    route53.add_response("list_hosted_zones", {"HostedZones": [], **listed})
    made = {"Id": "/hostedzone/Z0NEW123", "Name": "apps.example.com.", "CallerReference": "x"}
    servers = {"NameServers": ["ns-1.awsdns-01.org", "NS-2.awsdns-02.com."]}
    route53.add_response(
        "create_hosted_zone",
        {
            "HostedZone": made,
            "ChangeInfo": {"Id": "x", "Status": "PENDING", "SubmittedAt": "2026-01-01T00:00:00Z"},
            "DelegationSet": servers,
            "Location": "x",
        },
        {
            "Name": "apps.example.com",
            "CallerReference": ANY,
            "HostedZoneConfig": {"Comment": ANY, "PrivateZone": False},
        },
    )
    route53.add_response("get_hosted_zone", {"HostedZone": made, "DelegationSet": servers})
    chosen, rows = choices.with_zone(account, plain, options(create_zone=True), may_create=True)
    assert chosen.zone == "Z0NEW123"
    assert [row.state for row in rows] == ["ok", "fail"]  # made, and not delegated yet
    assert "ns-1.awsdns-01.org, ns-2.awsdns-02.com" in rows[1].hint


def test_without_a_domain(account, installation):
    bare = choices._made(**{**vars(installation), "zone": "", "domain": ""})
    assert choices.with_zone(account, bare, options(), may_create=True)[1][0].state == "fail"
