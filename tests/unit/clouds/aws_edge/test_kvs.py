"""Records and the writer of the KeyValueStore."""

import importlib.util
import json
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from chalicelib.clouds.aws import kvs, routes
from chalicelib.core.config import Settings
from chalicelib.ports import SiteRoute
from tests.fakes.cloud import Fault
from tests.fakes.kvs import ARN, FakeKvs

ULID = "01k" + "7" * 23
ROUTE = SiteRoute("prj_" + ULID, "team_" + ULID, "shop", "dpl_" + ULID, 7)


@pytest.fixture
def store(monkeypatch):
    fake = FakeKvs()
    made = fake.client()
    monkeypatch.setattr(kvs, "client", lambda service, region: made)
    return fake


@pytest.fixture
def writer():
    return kvs.RouteRecords(Settings(routes_store=ARN), sleep=lambda seconds: None)


def test_a_record_says_what_the_viewers_request_needs():
    assert json.loads(routes.record(ROUTE)) == {"s": ROUTE.site, "p": ULID, "g": 7}
    full = replace(ROUTE, canary="dpl_" + "0" * 26, weight=250, skew_seconds=3600, gone=True)
    assert json.loads(routes.record(full)) == {
        "s": ROUTE.site,
        "p": ULID,
        "g": 7,
        "c": "0" * 26,
        "w": 250,
        "k": 3600,
        "x": 1,
    }
    assert json.loads(routes.record(replace(full, weight=0))).keys() == {*"spgkx"}
    assert json.loads(routes.record(replace(ROUTE, production=None))).keys() == {*"sg"}
    assert len(routes.record(full)) < 200
    assert " " not in routes.record(full)
    with pytest.raises(ValueError):
        routes.record(replace(ROUTE, site="prj_" + "x" * 1024))


@pytest.mark.parametrize(
    "change",
    [{}, {"production": None}, {"gone": True}, {"canary": "dpl_x", "weight": 1, "skew_seconds": 9}],
)
def test_a_route_survives_its_row(change):
    route = replace(ROUTE, **change)
    assert routes.route({**routes.key("shop"), **routes.attributes(route)}) == route


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"slug": {"S": "shop"}},
        {**routes.attributes(ROUTE), "generation": {"N": "many"}},
        {**routes.attributes(ROUTE), "generation": {"S": "1"}},
        {**routes.attributes(ROUTE), "slug": {"S": "a/b"}},
        {**routes.attributes(ROUTE), "slug": "shop"},
        {**routes.attributes(ROUTE), "production": "x"},
    ],
)
def test_what_is_no_route_row(row):
    with pytest.raises(ValueError):
        routes.route(row)


def test_one_update_for_many_keys_and_the_etag_goes_on(store, writer):
    writer.write({f"s{n}": str(n) for n in range(50)})
    writer.write({"s1": "new"})
    writer.write({})
    assert [len(keys) for keys in store.updates] == [50, 1]
    assert store.described == 1
    assert store.values["s1"] == "new"


def test_fifty_keys_and_three_megabytes_at_once(store, writer):
    writer.write({f"s{n}": "x" for n in range(120)})
    assert [len(keys) for keys in store.updates] == [50, 50, 20]
    assert [key for keys in store.updates for key in keys] == [f"s{n}" for n in range(120)]
    big = dict.fromkeys(("a", "b", "c", "d"), "x" * 1_499_999)
    assert [[key for key, _ in part] for part in kvs.parts(big)] == [["a", "b"], ["c", "d"]]
    assert list(kvs.parts({})) == []


def test_another_writer_is_gone_round(store, writer):
    writer.write({"a": "1"})
    store.touch(other="x")
    writer.write({"a": "2"})
    assert store.values == {"a": "2", "other": "x"}
    assert store.described == 2
    left = [1, 1, 1]
    store.before = lambda: store.touch() if left and left.pop() else None
    writer.write({"a": "3"})
    assert store.values["a"] == "3"
    assert store.described == 5


def test_a_writer_without_end_is_said(store):
    waits = []
    writer = kvs.RouteRecords(Settings(routes_store=ARN), sleep=waits.append)
    store.before = store.touch
    with pytest.raises(RuntimeError, match="one writer"):
        writer.write({"a": "1"})
    assert "a" not in store.values
    assert sum(waits) < 20
    assert waits[0] < waits[-1]


def test_other_faults_are_passed_on_and_the_next_write_starts_afresh(store, writer):
    writer.write({"a": "1"})

    def full():
        raise Fault("ServiceQuotaExceededException", "5 MB", 402)

    store.before = full
    with pytest.raises(ClientError, match="5 MB"):
        writer.write({"a": "2"})
    store.before = lambda: None
    writer.write({"a": "3"})
    assert (store.values["a"], store.described) == ("3", 2)


def test_requests_are_signed_for_all_regions(monkeypatch):
    """The real client, up to the wire."""
    import boto3
    from botocore.awsrequest import AWSResponse

    sent = []
    made = boto3.client("cloudfront-keyvaluestore", region_name="eu-central-1")

    def wire(request, **_):
        sent.append(request)
        now = {"KvsARN": ARN, "ItemCount": 0, "TotalSizeInBytes": 0, "Created": 1}
        response = AWSResponse(request.url, 200, {"ETag": "e1"}, None)
        response._content = json.dumps(now).encode()
        return response

    made.meta.events.register("before-send.cloudfront-keyvaluestore.*", wire)
    monkeypatch.setattr(kvs, "client", lambda service, region: made)
    kvs.RouteRecords(Settings(routes_store=ARN)).write({"a": "1"})
    assert [request.method for request in sent] == ["GET", "POST"]
    for request in sent:
        assert request.headers["Authorization"].startswith(b"AWS4-ECDSA-P256-SHA256 ")
        assert request.headers["X-Amz-Region-Set"] == b"*"
        assert request.url.startswith("https://123456789012.cloudfront-kvs.global.api.aws/")
    assert sent[1].headers["If-Match"] == b"e1"
    assert json.loads(sent[1].body) == {"Puts": [{"Key": "a", "Value": "1"}]}


def test_what_is_missing_is_named(monkeypatch):
    with pytest.raises(RuntimeError, match="CLOUDDECK_ROUTES_STORE"):
        kvs.RouteRecords(Settings()).write({"a": "1"})
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "awscrt" else real(name)
    )
    with pytest.raises(RuntimeError, match="sigv4a"):
        kvs.RouteRecords(Settings(routes_store=ARN)).write({"a": "1"})
