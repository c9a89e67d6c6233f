"""Aliases in a zone of Route 53, as its model has them."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from chalicelib.clouds.aws import dns
from chalicelib.clouds.aws.dns import Zone

ZONE = "Z0123456789ABC"
END = "d111.cloudfront.net"


@pytest.fixture
def route53(monkeypatch):
    client = boto3.client("route53", region_name="us-east-1")
    monkeypatch.setattr(dns, "client", lambda service, region: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def alias(kind, name="shop.example.net", zone="Z2FDTNDATAQYW2"):
    target = {"HostedZoneId": zone, "DNSName": END, "EvaluateTargetHealth": False}
    return {"Name": name, "Type": kind, "AliasTarget": target}


def changed(stub, action, records):
    changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
    stub.add_response(
        "change_resource_record_sets",
        {"ChangeInfo": info("PENDING")},
        {"HostedZoneId": ZONE, "ChangeBatch": {"Changes": changes}},
    )


def info(status):
    return {"Id": "/change/C1", "Status": status, "SubmittedAt": datetime.now(UTC)}


def listed(stub, *records):
    stub.add_response(
        "list_resource_record_sets",
        {"ResourceRecordSets": list(records), "IsTruncated": False, "MaxItems": "50"},
        {"HostedZoneId": ZONE, "StartRecordName": "shop.example.net", "MaxItems": "50"},
    )


def test_a_host_leads_to_cloudfront_over_both_protocols(route53):
    changed(route53, "UPSERT", [alias("A"), alias("AAAA")])
    assert Zone(ZONE).point("Shop.Example.net", END) == "/change/C1"


def test_only_what_leads_to_cloudfront_is_removed(route53):
    ours = [alias("A", "shop.example.net."), alias("AAAA", "shop.example.net.")]
    text = {
        "Name": "shop.example.net.",
        "Type": "TXT",
        "TTL": 60,
        "ResourceRecords": [{"Value": '"x"'}],
    }
    listed(route53, *ours, text, alias("A", "tea.example.net."))
    changed(route53, "DELETE", ours)
    assert Zone(ZONE).remove("shop.example.net") == "/change/C1"


def test_nothing_to_remove(route53):
    theirs = [
        alias("A", "shop.example.net.", zone="Z35SXDOTRQ7X7K"),
        alias("A", "zzz.example.net."),
    ]
    for records in ([], theirs):
        listed(route53, *records)
        assert Zone(ZONE).remove("shop.example.net") == ""


@pytest.mark.parametrize(("pending", "arrives"), [(0, True), (2, True), (4, False)])
def test_waiting_until_every_server_knows(route53, pending, arrives):
    waits = []
    for _ in range(min(pending, 4)):
        route53.add_response("get_change", {"ChangeInfo": info("PENDING")}, {"Id": "/change/C1"})
    if arrives:
        route53.add_response("get_change", {"ChangeInfo": info("INSYNC")}, {"Id": "/change/C1"})
    assert Zone(ZONE, sleep=waits.append).wait("/change/C1", seconds=12) is arrives
    assert len(waits) == pending


def test_a_host_of_another_zone(route53):
    route53.add_client_error("change_resource_record_sets", "InvalidChangeBatch")
    with pytest.raises(ClientError, match="InvalidChangeBatch"):
        Zone(ZONE).point("shop.elsewhere.org", END)


def test_only_host_names(route53):
    for host, endpoint in (("*.example.net", END), ("shop.example.net", "d111")):
        with pytest.raises(ValueError):
            Zone(ZONE).point(host, endpoint)
    with pytest.raises(ValueError):
        Zone(ZONE).remove("")
