"""Invalidations by cache tag, as CloudFront's model has them."""

from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.clouds.aws import purge
from chalicelib.core import clock
from chalicelib.core.config import Settings

TAG = "dep-" + "01k" + "7" * 23
NOW = 1_800_000_030_000


@pytest.fixture
def cloudfront(monkeypatch):
    client = boto3.client("cloudfront", region_name="us-east-1")
    monkeypatch.setattr(purge, "client", lambda service, region: client)
    monkeypatch.setattr(clock, "now_ms", lambda: NOW)
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def expect(stub, distribution, reference, tag=TAG):
    batch = {"Paths": {"Quantity": 1, "Items": ["#" + tag]}, "CallerReference": reference}
    stub.add_response(
        "create_invalidation",
        {
            "Invalidation": {
                "Id": "I" + distribution,
                "Status": "InProgress",
                "CreateTime": datetime.now(UTC),
                "InvalidationBatch": batch,
            }
        },
        {"DistributionId": distribution, "InvalidationBatch": batch},
    )


def test_a_tag_is_dropped_on_every_distribution(cloudfront):
    expect(cloudfront, "E1", f"{TAG}-g7-30000000")
    expect(cloudfront, "E2", f"{TAG}-g7-30000000")
    assert purge.Purge(Settings(distributions="E1, E2")).drop(TAG, "g7") == ["IE1", "IE2"]


def test_nothing_to_drop_without_distributions(cloudfront):
    assert purge.Purge(Settings()).drop(TAG) == []


def test_a_repeat_within_a_minute_is_the_same_invalidation():
    assert purge.reference(TAG, "g1", NOW) == purge.reference(TAG, "g1", NOW + 29_999)
    others = {purge.reference(*a) for a in ((TAG, "g1", NOW + 30_000), (TAG, "g2", NOW))}
    assert len(others | {purge.reference(TAG, "g1", NOW)}) == 3
    assert purge.reference("site-prj_1", "", NOW) == "site-prj_1-30000000"


def test_one_refusal_stops_no_other_distribution(cloudfront):
    cloudfront.add_client_error("create_invalidation", "TooManyInvalidationsInProgress")
    expect(cloudfront, "E2", f"{TAG}-30000000")
    with pytest.raises(RuntimeError, match=r"E1: .*TooManyInvalidations"):
        purge.Purge(Settings(distributions="E1 E2")).drop(TAG)


@pytest.mark.parametrize("tag", ["", "*", "dep-", "dep-A", "/d/*", "dep-x,site-y", "other-x"])
def test_only_our_tags(tag):
    with pytest.raises(ValueError):
        purge.Purge(Settings(distributions="E1")).drop(tag)
    with pytest.raises(ValueError):
        purge.Purge(Settings(distributions="E1")).drop(TAG, "a b")


def test_the_tag_reaches_the_wire_as_it_is(monkeypatch):
    """CloudFront's XML, without the network."""
    from botocore.awsrequest import AWSResponse

    client = boto3.client("cloudfront", region_name="us-east-1")
    monkeypatch.setattr(purge, "client", lambda service, region: client)
    sent = []

    def wire(request, **_):
        sent.append(request)
        response = AWSResponse(request.url, 201, {}, None)
        response._content = b"<Invalidation><Id>I1</Id></Invalidation>"
        return response

    client.meta.events.register("before-send.cloudfront.CreateInvalidation", wire)
    assert purge.Purge(Settings(distributions="E1")).drop(TAG) == ["I1"]
    assert sent[0].url.endswith("/2020-05-31/distribution/E1/invalidation")
    assert f"<Items><Path>#{TAG}</Path></Items>".encode() in sent[0].body
