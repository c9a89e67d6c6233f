"""From messages of the stream to records of the store."""

import json
import random
import time
from dataclasses import replace

import pytest

from chalicelib.clouds.aws import kvs, routes
from chalicelib.core.config import Settings
from chalicelib.ports import SiteRoute
from functions.edge import publish_routes
from tests.fakes.cloud import Fault
from tests.fakes.kvs import ARN, FakeKvs

ULID = "01k" + "7" * 23


@pytest.fixture
def store(monkeypatch):
    fake = FakeKvs()
    made = fake.client()
    monkeypatch.setattr(kvs, "client", lambda service, region: made)
    writer = kvs.RouteRecords(Settings(routes_store=ARN), sleep=lambda seconds: None)
    monkeypatch.setattr(publish_routes, "_store", lambda: writer)
    return fake


def route(slug="shop", generation=1, **more):
    return replace(
        SiteRoute("prj_" + ULID, "team_" + ULID, slug, "dpl_" + ULID, generation), **more
    )


def change(new=None, old=None, kind=None, age=1):
    """A record as EventBridge Pipes takes it from the stream and puts it into the queue."""
    one = new or old
    images = {
        name: {**routes.key(one.slug), **routes.attributes(image), "revoked": {"SS": [ULID]}}
        for name, image in (("NewImage", new), ("OldImage", old))
        if image is not None
    }
    return {
        "eventID": "9d2a1c",
        "eventName": kind or ("REMOVE" if new is None else "MODIFY" if old else "INSERT"),
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "dynamodb": {
            "ApproximateCreationDateTime": time.time() - age,
            "Keys": routes.key(one.slug),
            "SequenceNumber": "111",
            "SizeBytes": 300,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **images,
        },
        "eventSourceARN": "arn:aws:dynamodb:eu-central-1:123456789012:table/x/stream/y",
    }


def batch(*bodies):
    return {
        "Records": [
            {
                "messageId": f"m{n}",
                "receiptHandle": "r",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {"MessageGroupId": "routes", "SequenceNumber": str(n)},
                "eventSource": "aws:sqs",
            }
            for n, body in enumerate(bodies)
        ]
    }


def handle(*bodies):
    answer = publish_routes.handler(batch(*bodies), None)
    assert answer.keys() == {"batchItemFailures"}
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def read(store, slug="shop"):
    return json.loads(store.values[slug])


def test_the_last_image_of_each_site_in_one_write(store):
    moves = [change(route("shop", n)) for n in (1, 2, 3)]
    assert handle(moves[0], change(route("blog", 9)), *moves[1:]) == []
    assert store.updates == [["shop", "blog"]]
    assert read(store) == {"s": "prj_" + ULID, "p": ULID, "g": 3}
    assert read(store, "blog")["g"] == 9


def test_the_same_batch_again_changes_nothing(store):
    moves = [change(route("shop", 1)), change(route("shop", 2), route("shop", 1))]
    handle(*moves)
    before = dict(store.values)
    assert handle(*moves) == []
    assert store.values == before


def test_an_equal_generation_in_a_later_message_counts(store):
    handle(change(route(weight=1, canary="dpl_x")), change(route(weight=2, canary="dpl_x")))
    assert read(store)["w"] == 2


def test_an_older_image_never_follows_a_newer_one(store):
    younger = route(generation=0, site="prj_" + "7" * 26)
    handle(change(route(generation=5)), change(younger), change(route(generation=6)))
    assert (read(store)["s"], read(store)["g"]) == (younger.site, 0)
    handle(change(route("blog", 5)), change(route("blog", 4)))
    assert read(store, "blog")["g"] == 5


def test_any_order_of_one_batch_ends_on_the_newest(store):
    moves = [change(route(generation=n)) for n in range(10)]
    for seed in range(20):
        random.Random(seed).shuffle(moves)
        store.values.clear()
        assert handle(*moves) == []
        assert read(store)["g"] == 9


def test_a_site_that_is_gone_stays_as_such(store):
    handle(change(route(generation=8, gone=True, production=None)))
    assert read(store) == {"s": "prj_" + ULID, "g": 8, "x": 1}
    handle(change(old=route("blog", 3, canary="dpl_x", weight=5)))
    assert read(store, "blog") == {"s": "prj_" + ULID, "g": 3, "x": 1}


def test_what_comes_out_of_the_dead_letter_queue_does_not_turn_back_time(store):
    assert handle(change(route(generation=5)), change(route("blog", 5))) == []
    assert store.read == 0
    late = [route(generation=4), route("blog", 6), route("new", 1)]
    assert handle(*(change(one, age=3600) for one in late)) == []
    assert store.read == 3
    assert [read(store, slug)["g"] for slug in ("shop", "blog", "new")] == [5, 6, 1]
    younger = route(generation=0, site="prj_" + "7" * 26)
    assert handle(change(younger, age=3600), change(route(generation=9), age=3600)) == []
    assert read(store)["s"] == younger.site


@pytest.mark.parametrize("at", [None, "yesterday"])
def test_without_a_time_the_store_is_asked(store, at):
    handle(change(route(generation=5)))
    old = change(route(generation=4))
    old["dynamodb"]["ApproximateCreationDateTime"] = at
    assert handle(old) == []
    assert read(store)["g"] == 5


@pytest.mark.parametrize(
    "there",
    [
        *("", "{", "[]", '{"s":1}', '{"s":"prj_x","g":"many"}', '{"s":"prj_x","g":1e999}'),
        "[" * 100_000,
    ],
)
def test_a_record_that_is_none_of_ours_is_replaced(store, there):
    store.values["shop"] = there
    handle(change(route(generation=1), age=3600))
    assert read(store)["g"] == 1


POISON = [
    "",
    "{",
    "[]",
    "null",
    "7",
    json.dumps({"eventName": "INSERT"}),
    json.dumps({"eventName": "INSERT", "dynamodb": None}),
    json.dumps({"eventName": "INSERT", "dynamodb": {"NewImage": []}}),
    json.dumps({"eventName": "REMOVE", "dynamodb": {"Keys": routes.key("shop")}}),
    json.dumps(change(route(site="x" * 2000))),
    "[" * 100_000,
    json.dumps(change(route())).replace('{"N": "1"}', '{"N": "1e999"}'),
    json.dumps(change(route())).replace('{"S": "shop"}', '{"S": "../shop"}'),
]


@pytest.mark.parametrize("poison", POISON)
def test_what_nobody_can_read_fails_alone(store, poison):
    assert handle(change(route("a")), poison, change(route("b"))) == ["m1"]
    assert set(store.values) == {"a", "b"}
    assert handle(poison) == ["m0"]
    assert len(store.updates) == 1


def test_when_the_store_is_out_of_reach_every_message_comes_again(store):
    def broken():
        raise Fault("InternalServerException", "no", 500)

    store.before = broken
    moves = [change(route("a")), "poison", change(route("b"))]
    assert handle(*moves) == ["m0", "m1", "m2"]
    assert store.values == {}
    store.before = lambda: None
    assert handle(*moves) == ["m1"]
    assert set(store.values) == {"a", "b"}


def test_what_is_not_installed_loses_no_message(monkeypatch):
    monkeypatch.setattr(publish_routes, "_store", lambda: kvs.RouteRecords(Settings()))
    assert handle(change(route())) == ["m0"]


def test_batches_in_order_under_conflicts_end_on_the_newest(store):
    """Every batch comes up to three times, as a queue may have it; others write in between."""
    chance = random.Random(5)
    store.before = lambda: store.touch(other=str(store.version)) if chance.random() < 0.3 else None
    for first in range(0, 60, 3):
        moves = [change(route(f"s{n % 4}", n)) for n in range(first, first + 3)]
        for _ in range(chance.randint(1, 3)):
            assert handle(*moves) == []
    assert [read(store, f"s{n}")["g"] for n in range(4)] == [56, 57, 58, 59]
    assert "other" in store.values
