"""Several tags in one invalidation, and what a person asks the edge to forget."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import ANY, Stubber

from chalicelib.clouds.aws import purge
from chalicelib.clouds.aws.edge import CloudFrontEdge
from chalicelib.core.config import Settings
from chalicelib.edge.rules import tags

SITE = "prj_" + "01k" + "5" * 23
SETTINGS = Settings(prefix="test", distributions="E1,E2")


@pytest.fixture
def cloudfront(monkeypatch):
    client = boto3.client("cloudfront", region_name="us-east-1")
    monkeypatch.setattr(purge, "client", lambda service, region: client)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def expect(stub, distribution, wanted, reference=ANY):
    items = {"Quantity": len(wanted), "Items": [f"#{tag}" for tag in wanted]}
    batch = {"Paths": items, "CallerReference": reference}
    said = {**batch, "CallerReference": "r"}
    made = {"Id": "I" + distribution, "Status": "InProgress", "CreateTime": datetime.now(UTC)}
    stub.add_response(
        "create_invalidation",
        {"Invalidation": {**made, "InvalidationBatch": said}},
        {"DistributionId": distribution, "InvalidationBatch": batch},
    )


def test_many_tags_are_one_invalidation_for_each_distribution(cloudfront):
    for distribution in ("E1", "E2"):
        expect(cloudfront, distribution, ["site-a", "u-b"], "now-0")
    found = purge.Purge(SETTINGS).drop_all(["u-b", "site-a", "u-b"], "now")
    assert found == ["IE1", "IE2"]


def test_more_than_cloudfront_takes_are_several(cloudfront):
    wanted = sorted(f"u-{number:04d}" for number in range(1_001))
    expect(cloudfront, "E1", wanted[:1000], "now-0")
    expect(cloudfront, "E1", wanted[1000:], "now-1000")
    settings = Settings(prefix="test", distributions="E1")
    assert purge.Purge(settings).drop_all(wanted, "now") == ["IE1", "IE1"]


def test_nothing_is_nothing(cloudfront):
    assert purge.Purge(SETTINGS).drop_all([], "now") == []


@pytest.mark.parametrize(("wanted", "occasion"), [(["*"], "now"), (["u-a"], ""), (["u-a"], "a b")])
def test_what_is_no_tag_or_occasion_reaches_nobody(cloudfront, wanted, occasion):
    with pytest.raises(ValueError):
        purge.Purge(SETTINGS).drop_all(wanted, occasion)


def test_one_refusal_of_several_is_told_and_stops_no_other(cloudfront):
    cloudfront.add_client_error("create_invalidation", "TooManyInvalidationsInProgress")
    expect(cloudfront, "E2", ["u-a"], "now-0")
    with pytest.raises(RuntimeError, match=r"E1: .*TooManyInvalidations"):
        purge.Purge(SETTINGS).drop_all(["u-a"], "now")


def test_the_edge_names_site_tags_and_paths(cloudfront):
    wanted = [
        tags.of_site(SITE),
        tags.of_own(SITE, "news"),
        tags.of_pattern(SITE, "/a"),
        tags.of_pattern(SITE, "/b/*"),
    ]
    for distribution in ("E1", "E2"):
        expect(cloudfront, distribution, sorted(wanted))
    CloudFrontEdge(SETTINGS).purge(SITE, ["news"], ["/a", "/b/*"], everything=True)


def test_asked_again_it_is_another_invalidation(cloudfront, monkeypatch):
    told = []
    monkeypatch.setattr(
        purge.Purge, "_drop", lambda self, part, ref: told.append((part, ref)) or []
    )
    for _ in range(2):
        CloudFrontEdge(SETTINGS).purge(SITE, ["news"], [], everything=False)
    (first, one), (second, other) = told
    assert first == second == [tags.of_own(SITE, "news")]
    assert one != other
    assert re.fullmatch(r"purge-[0-9a-f]{16}-0", one)


def test_nothing_asked_is_no_invalidation(cloudfront):
    CloudFrontEdge(SETTINGS).purge(SITE, [], [], everything=False)
