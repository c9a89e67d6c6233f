"""Records and the writer of the KeyValueStore."""

import importlib.util
import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.clouds.aws import kvs, routes
from chalicelib.core.config import Settings
from chalicelib.edge.rules.routes import Access, Match
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


def said(route: SiteRoute, now_ms: int = 0) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(routes.record(route, now_ms))
    return made


def test_a_record_says_what_the_viewers_request_needs():
    assert said(ROUTE) == {"s": ROUTE.site, "p": ULID, "g": 7}
    full = replace(ROUTE, canary="dpl_" + "0" * 26, weight=250, skew_seconds=3600, gone=True)
    assert said(full) == {
        "s": ROUTE.site,
        "p": ULID,
        "g": 7,
        "c": "0" * 26,
        "w": 250,
        "k": 3600,
        "x": 1,
    }
    assert said(replace(full, weight=0)).keys() == {*"spgkx"}
    assert said(replace(ROUTE, production=None)).keys() == {*"sg"}
    assert len(routes.record(full, 0)) < 200
    assert " " not in routes.record(full, 0)
    with pytest.raises(ValueError):
        routes.record(replace(ROUTE, site="prj_" + "x" * 1024), 0)


def test_a_record_says_who_may_see_what():
    named = Match("cookie", "beta", ("on", "yes"))
    access = Access("previews", "password", "ab" * 32, ("share001",))
    full = replace(ROUTE, canary="dpl_" + "0" * 26, match=named, access=access, looks=("country",))
    assert said(full) == {
        "s": ROUTE.site,
        "p": ULID,
        "g": 7,
        "c": "0" * 26,
        "w": 0,
        "m": ["cookie", "beta", ["on", "yes"]],
        "l": ["country"],
        "a": ["previews", "password", "ab" * 32, ["share001"]],
    }


def test_a_record_names_what_was_live_while_its_window_is_open():
    now = 1_800_000_000_000
    ago = [0, 1, 3599_000, 3600_000, 3600_001, 9_000_000]
    past = tuple((f"dpl_{n:026d}", now - ms) for n, ms in enumerate(ago))
    route = replace(ROUTE, skew_seconds=3600, past=past)
    named = said(route, now)["o"]
    assert list(named) == [f"{n:026d}" for n in range(4)]
    # no window ends before its time, and none lasts a second longer
    for n, seconds in enumerate(named.values()):
        assert 0 <= seconds * 1000 - past[n][1] < 1000
    assert "o" not in said(replace(route, skew_seconds=0), now)
    many = tuple((f"dpl_{n:026d}", now) for n in range(150))
    assert list(said(replace(route, past=many), now)["o"]) == [f"{n:026d}" for n in range(6)]


def test_what_was_live_gives_way_when_a_record_is_full():
    now = 1_800_000_000_000
    many = tuple((f"dpl_{n:026d}", now) for n in range(6))
    route = replace(ROUTE, skew_seconds=3600, past=many, looks=("cookie:" + "x" * 700,))
    text = routes.record(route, now)
    assert 960 < len(text) <= 1024
    assert list(json.loads(text)["o"]) == [f"{n:026d}" for n in range(len(json.loads(text)["o"]))]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"production": None},
        {"gone": True},
        {"canary": "dpl_x", "weight": 1, "skew_seconds": 9},
        {"match": Match("country", "", ("DE",)), "access": Access("all", "team", "0" * 64)},
        {"past": (("dpl_" + ULID, 5),), "looks": ("query",), "down": ("a",), "guard": "{}"},
    ],
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
