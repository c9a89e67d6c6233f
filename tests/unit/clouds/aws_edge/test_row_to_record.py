"""The whole way of a route: written, streamed, carried to the edge, and read by the origin."""

import json
import random
from dataclasses import replace

import boto3
import pytest

from chalicelib.clouds.aws import edge as edge_module
from chalicelib.clouds.aws import kvs, routes
from chalicelib.clouds.aws.edge import CloudFrontEdge
from chalicelib.core.config import Settings
from chalicelib.ports import SiteRoute
from functions.edge import publish_routes
from functions.edge.origin.route import parse_row
from tests.fakes.kvs import ARN, FakeKvs

TABLE = "test-core"


class Cloud:
    """DynamoDB with its stream, and a queue that gives each message at least once."""

    def __init__(self):
        self.table = boto3.client("dynamodb", region_name="us-east-1")
        self.table.create_table(
            TableName=TABLE,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        # botocore would ask for streams at a host of the account, which moto does not know
        self.stream = boto3.client(
            "dynamodbstreams",
            region_name="us-east-1",
            endpoint_url="https://streams.dynamodb.us-east-1.amazonaws.com",
        )
        listed = self.stream.list_streams(TableName=TABLE)["Streams"]
        arn = listed[0]["StreamArn"]
        described = self.stream.describe_stream(StreamArn=arn)["StreamDescription"]
        self.at = self.stream.get_shard_iterator(
            StreamArn=arn,
            ShardId=described["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]

    def changes(self):
        answer = self.stream.get_records(ShardIterator=self.at)
        self.at = answer["NextShardIterator"]
        # moto tells of an upsert twice, first with nothing but its key; DynamoDB does not
        real = [
            record
            for record in answer["Records"]
            if record["dynamodb"].get("NewImage", {}).keys() != {"pk", "sk"}
        ]
        return [json.dumps(record, default=str) for record in real]

    def row(self, slug):
        return self.table.get_item(TableName=TABLE, Key=routes.key(slug), ConsistentRead=True)


@pytest.fixture
def cloud(monkeypatch):
    from moto import mock_aws

    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    with mock_aws():
        made = Cloud()
        monkeypatch.setattr(edge_module, "client", lambda service, region: made.table)
        yield made


@pytest.fixture
def store(monkeypatch):
    fake = FakeKvs()
    made = fake.client()
    monkeypatch.setattr(kvs, "client", lambda service, region: made)
    writer = kvs.RouteRecords(Settings(routes_store=ARN), sleep=lambda seconds: None)
    monkeypatch.setattr(publish_routes, "_store", lambda: writer)
    return fake


def carry(bodies):
    """Batches of ten, as a FIFO queue has them."""
    for first in range(0, len(bodies), 10):
        batch = [
            {"messageId": str(first + n), "body": body}
            for n, body in enumerate(bodies[first : first + 10])
        ]
        assert publish_routes.handler({"Records": batch}, None) == {"batchItemFailures": []}


def dpl(number):
    return f"dpl_01k{number:023d}"


def route(slug, generation, production=None, site=1):
    live = dpl(production or generation)
    return SiteRoute(f"prj_01k{site:023d}", "team_" + "0" * 26, slug, live, generation)


class Silent:
    """Caches that need no dropping."""

    def drop(self, tag, occasion):
        pass


@pytest.fixture
def edge(cloud):
    return CloudFrontEdge(Settings(prefix="test"), sleep=lambda seconds: None, purge=Silent())


def origin(cloud, slug):
    """The row as the origin gets it on the wire."""
    return parse_row(json.dumps({"Item": cloud.row(slug)["Item"]}).encode())


def test_edge_store_and_origin_say_the_same(cloud, store, edge):
    edge.put(route("shop", 1))
    edge.put(route("blog", 1, 7))
    edge.put(replace(route("shop", 2), canary=dpl(9), weight=100, skew_seconds=60))
    carry(cloud.changes())
    told = json.loads(store.values["shop"])
    assert (told["p"], told["g"], told["c"]) == (dpl(2)[4:], 2, dpl(9)[4:])
    assert (told["w"], told["k"]) == (100, 60)
    assert json.loads(store.values["blog"])["p"] == dpl(7)[4:]
    seen = origin(cloud, "shop")
    assert (seen.site, seen.production, seen.gone) == (told["s"], told["p"], False)


def test_a_rollback_is_known_to_the_origin_before_the_store_follows(cloud, store, edge):
    edge.put(route("shop", 1))
    edge.put(route("shop", 2))
    carry(cloud.changes())
    edge.revoke(route("shop", 3, 1), dpl(2))
    assert json.loads(store.values["shop"])["p"] == dpl(2)[4:]
    seen = origin(cloud, "shop")
    assert (seen.production, seen.revoked) == (dpl(1)[4:], {dpl(2)[4:]})
    carry(cloud.changes())
    assert json.loads(store.values["shop"]) == {"s": seen.site, "p": seen.production, "g": 3}
    edge.put(route("shop", 4, 2))
    assert origin(cloud, "shop").revoked == set()


def test_gone_and_deleted(cloud, store, edge):
    edge.put(route("shop", 1))
    edge.put(replace(route("shop", 2), production=None, gone=True))
    edge.put(route("blog", 1))
    cloud.table.delete_item(TableName=TABLE, Key=routes.key("blog"))
    carry(cloud.changes())
    for slug in ("shop", "blog"):
        told = json.loads(store.values[slug])
        assert (told["x"], "p" in told) == (1, False)
    assert origin(cloud, "shop").gone


def test_writers_in_any_order_and_messages_twice_end_on_the_row(cloud, store, edge):
    told = [route(slug, g, site=site) for slug in ("a", "b") for site in (1, 2) for g in range(12)]
    random.Random(3).shuffle(told)
    for one in told:
        edge.put(one)
    bodies = cloud.changes()
    chance = random.Random(4)
    for first in range(0, len(bodies), 3):
        for _ in range(chance.randint(1, 3)):
            carry(bodies[first : first + 3])
    for slug in ("a", "b"):
        row = routes.route(cloud.row(slug)["Item"])
        assert store.values[slug] == routes.record(row, 0)
